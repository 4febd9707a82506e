using Tablewalk.Explore.Search.Values;

namespace Tablewalk.Explore.Search.Executions;

// What was overwritten of registers, of how far threads have come, and of words in arrays of the state, so that it can be put back. Undo is by length.
internal sealed partial class ExecutionState
{
    private (int Thread, int Register, RegisterValue Old)[] _registerTrail = new (int, int, RegisterValue)[4096];
    private (int Thread, ThreadProgress Old)[] _threadTrail = new (int, ThreadProgress)[256];
    private (int[] Array, int Index, int Old)[] _wordTrail = new (int[], int, int)[1024];
    private int _registerTrailLength;
    private int _threadTrailLength;
    private int _wordTrailLength;

    public int RegisterTrailLength => _registerTrailLength;

    public (int Thread, int Register, RegisterValue Old) RegisterTrailAt(int index) => _registerTrail[index];

    public void SetRegister(int thread, int register, RegisterValue value)
    {
        if (_registerTrailLength == _registerTrail.Length)
        {
            Array.Resize(ref _registerTrail, _registerTrailLength * 2);
        }

        _registerTrail[_registerTrailLength++] = (thread, register, Registers[thread][register]);
        Registers[thread][register] = value;
    }

    /// <summary>Saves a thread's place before the thread changes it.</summary>
    public void SaveThread(int thread)
    {
        if (_threadTrailLength == _threadTrail.Length)
        {
            Array.Resize(ref _threadTrail, _threadTrailLength * 2);
        }

        _threadTrail[_threadTrailLength++] = (thread, Threads[thread]);
    }

    public void SetWord(int[] array, int index, int value)
    {
        if (_wordTrailLength == _wordTrail.Length)
        {
            Array.Resize(ref _wordTrail, _wordTrailLength * 2);
        }

        _wordTrail[_wordTrailLength++] = (array, index, array[index]);
        array[index] = value;
    }

    private void UndoTrails(in StateMark mark)
    {
        while (_registerTrailLength > mark.Registers)
        {
            ref readonly var entry = ref _registerTrail[--_registerTrailLength];
            Registers[entry.Thread][entry.Register] = entry.Old;
        }

        while (_wordTrailLength > mark.Words)
        {
            ref readonly var entry = ref _wordTrail[--_wordTrailLength];
            entry.Array[entry.Index] = entry.Old;
        }

        while (_threadTrailLength > mark.Threads)
        {
            ref readonly var entry = ref _threadTrail[--_threadTrailLength];
            Threads[entry.Thread] = entry.Old;
        }
    }

    // A longer copy of an array, which takes its place in the trail, too: what is put back is put back into the copy. All entries that it has more are zero.
    private int[] Grow(int[] old, int length)
    {
        var grown = new int[length];
        old.CopyTo(grown, 0);
        for (var i = 0; i < _wordTrailLength; i++)
        {
            if (_wordTrail[i].Array == old)
            {
                _wordTrail[i].Array = grown;
            }
        }

        return grown;
    }
}
