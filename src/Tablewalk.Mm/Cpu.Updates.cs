using System.Runtime.CompilerServices;

#pragma warning disable RS0030 // Cpu is the door that the banned members stand behind.

namespace Tablewalk.Mm;

/// <content>Atomic updates, each in the four orders of the kernel: compare-exchange, exchange, addition, or, and.</content>
public static unsafe partial class Cpu
{
    /// <summary>
    /// LINUX: cmpxchg. Checked: an atomic compare-exchange fully ordered; a failed one orders nothing. Native:
    /// <see cref="Interlocked.CompareExchange(ref ulong, ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value, equal to <paramref name="expected"/> if the exchange took place.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong CmpXchg(ulong* p, ulong expected, ulong desired) => Interlocked.CompareExchange(ref *p, desired, expected);

    /// <summary>
    /// LINUX: cmpxchg_acquire. Checked: an atomic compare-exchange with acquire; a failed one orders nothing. Native:
    /// <see cref="Interlocked.CompareExchange(ref ulong, ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value, equal to <paramref name="expected"/> if the exchange took place.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong CmpXchgAcquire(ulong* p, ulong expected, ulong desired) => Interlocked.CompareExchange(ref *p, desired, expected);

    /// <summary>
    /// LINUX: cmpxchg_release. Checked: an atomic compare-exchange with release; a failed one orders nothing. Native:
    /// <see cref="Interlocked.CompareExchange(ref ulong, ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value, equal to <paramref name="expected"/> if the exchange took place.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong CmpXchgRelease(ulong* p, ulong expected, ulong desired) => Interlocked.CompareExchange(ref *p, desired, expected);

    /// <summary>
    /// LINUX: cmpxchg_relaxed. Checked: an atomic compare-exchange without ordering; a failed one orders nothing. Native:
    /// <see cref="Interlocked.CompareExchange(ref ulong, ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value, equal to <paramref name="expected"/> if the exchange took place.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong CmpXchgRelaxed(ulong* p, ulong expected, ulong desired) => Interlocked.CompareExchange(ref *p, desired, expected);

    /// <summary>
    /// LINUX: cmpxchg. Checked: an atomic compare-exchange fully ordered; a failed one orders nothing. Native:
    /// <see cref="Interlocked.CompareExchange(ref uint, uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value, equal to <paramref name="expected"/> if the exchange took place.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint CmpXchg(uint* p, uint expected, uint desired) => Interlocked.CompareExchange(ref *p, desired, expected);

    /// <summary>
    /// LINUX: cmpxchg_acquire. Checked: an atomic compare-exchange with acquire; a failed one orders nothing. Native:
    /// <see cref="Interlocked.CompareExchange(ref uint, uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value, equal to <paramref name="expected"/> if the exchange took place.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint CmpXchgAcquire(uint* p, uint expected, uint desired) => Interlocked.CompareExchange(ref *p, desired, expected);

    /// <summary>
    /// LINUX: cmpxchg_release. Checked: an atomic compare-exchange with release; a failed one orders nothing. Native:
    /// <see cref="Interlocked.CompareExchange(ref uint, uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value, equal to <paramref name="expected"/> if the exchange took place.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint CmpXchgRelease(uint* p, uint expected, uint desired) => Interlocked.CompareExchange(ref *p, desired, expected);

    /// <summary>
    /// LINUX: cmpxchg_relaxed. Checked: an atomic compare-exchange without ordering; a failed one orders nothing. Native:
    /// <see cref="Interlocked.CompareExchange(ref uint, uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value, equal to <paramref name="expected"/> if the exchange took place.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint CmpXchgRelaxed(uint* p, uint expected, uint desired) => Interlocked.CompareExchange(ref *p, desired, expected);

    /// <summary>
    /// LINUX: xchg. Checked: an atomic exchange fully ordered. Native: <see cref="Interlocked.Exchange(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Xchg(ulong* p, ulong v) => Interlocked.Exchange(ref *p, v);

    /// <summary>
    /// LINUX: xchg_acquire. Checked: an atomic exchange with acquire. Native: <see cref="Interlocked.Exchange(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong XchgAcquire(ulong* p, ulong v) => Interlocked.Exchange(ref *p, v);

    /// <summary>
    /// LINUX: xchg_release. Checked: an atomic exchange with release. Native: <see cref="Interlocked.Exchange(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong XchgRelease(ulong* p, ulong v) => Interlocked.Exchange(ref *p, v);

    /// <summary>
    /// LINUX: xchg_relaxed. Checked: an atomic exchange without ordering. Native: <see cref="Interlocked.Exchange(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong XchgRelaxed(ulong* p, ulong v) => Interlocked.Exchange(ref *p, v);

    /// <summary>
    /// LINUX: xchg. Checked: an atomic exchange fully ordered. Native: <see cref="Interlocked.Exchange(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Xchg(uint* p, uint v) => Interlocked.Exchange(ref *p, v);

    /// <summary>
    /// LINUX: xchg_acquire. Checked: an atomic exchange with acquire. Native: <see cref="Interlocked.Exchange(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint XchgAcquire(uint* p, uint v) => Interlocked.Exchange(ref *p, v);

    /// <summary>
    /// LINUX: xchg_release. Checked: an atomic exchange with release. Native: <see cref="Interlocked.Exchange(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint XchgRelease(uint* p, uint v) => Interlocked.Exchange(ref *p, v);

    /// <summary>
    /// LINUX: xchg_relaxed. Checked: an atomic exchange without ordering. Native: <see cref="Interlocked.Exchange(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint XchgRelaxed(uint* p, uint v) => Interlocked.Exchange(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_add. Checked: an atomic addition fully ordered. Native: <see cref="Interlocked.Add(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FetchAdd(ulong* p, ulong v) => unchecked(Interlocked.Add(ref *p, v) - v);

    /// <summary>
    /// LINUX: atomic_fetch_add_acquire. Checked: an atomic addition with acquire. Native: <see cref="Interlocked.Add(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FetchAddAcquire(ulong* p, ulong v) => unchecked(Interlocked.Add(ref *p, v) - v);

    /// <summary>
    /// LINUX: atomic_fetch_add_release. Checked: an atomic addition with release. Native: <see cref="Interlocked.Add(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FetchAddRelease(ulong* p, ulong v) => unchecked(Interlocked.Add(ref *p, v) - v);

    /// <summary>
    /// LINUX: atomic_fetch_add_relaxed. Checked: an atomic addition without ordering. Native: <see cref="Interlocked.Add(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FetchAddRelaxed(ulong* p, ulong v) => unchecked(Interlocked.Add(ref *p, v) - v);

    /// <summary>
    /// LINUX: atomic_fetch_add. Checked: an atomic addition fully ordered. Native: <see cref="Interlocked.Add(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FetchAdd(uint* p, uint v) => unchecked(Interlocked.Add(ref *p, v) - v);

    /// <summary>
    /// LINUX: atomic_fetch_add_acquire. Checked: an atomic addition with acquire. Native: <see cref="Interlocked.Add(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FetchAddAcquire(uint* p, uint v) => unchecked(Interlocked.Add(ref *p, v) - v);

    /// <summary>
    /// LINUX: atomic_fetch_add_release. Checked: an atomic addition with release. Native: <see cref="Interlocked.Add(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FetchAddRelease(uint* p, uint v) => unchecked(Interlocked.Add(ref *p, v) - v);

    /// <summary>
    /// LINUX: atomic_fetch_add_relaxed. Checked: an atomic addition without ordering. Native: <see cref="Interlocked.Add(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FetchAddRelaxed(uint* p, uint v) => unchecked(Interlocked.Add(ref *p, v) - v);

    /// <summary>
    /// LINUX: atomic_fetch_or. Checked: an atomic or fully ordered. Native: <see cref="Interlocked.Or(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FetchOr(ulong* p, ulong v) => Interlocked.Or(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_or_acquire. Checked: an atomic or with acquire. Native: <see cref="Interlocked.Or(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FetchOrAcquire(ulong* p, ulong v) => Interlocked.Or(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_or_release. Checked: an atomic or with release. Native: <see cref="Interlocked.Or(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FetchOrRelease(ulong* p, ulong v) => Interlocked.Or(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_or_relaxed. Checked: an atomic or without ordering. Native: <see cref="Interlocked.Or(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FetchOrRelaxed(ulong* p, ulong v) => Interlocked.Or(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_or. Checked: an atomic or fully ordered. Native: <see cref="Interlocked.Or(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FetchOr(uint* p, uint v) => Interlocked.Or(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_or_acquire. Checked: an atomic or with acquire. Native: <see cref="Interlocked.Or(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FetchOrAcquire(uint* p, uint v) => Interlocked.Or(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_or_release. Checked: an atomic or with release. Native: <see cref="Interlocked.Or(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FetchOrRelease(uint* p, uint v) => Interlocked.Or(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_or_relaxed. Checked: an atomic or without ordering. Native: <see cref="Interlocked.Or(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FetchOrRelaxed(uint* p, uint v) => Interlocked.Or(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_and. Checked: an atomic and fully ordered. Native: <see cref="Interlocked.And(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FetchAnd(ulong* p, ulong v) => Interlocked.And(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_and_acquire. Checked: an atomic and with acquire. Native: <see cref="Interlocked.And(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FetchAndAcquire(ulong* p, ulong v) => Interlocked.And(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_and_release. Checked: an atomic and with release. Native: <see cref="Interlocked.And(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FetchAndRelease(ulong* p, ulong v) => Interlocked.And(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_and_relaxed. Checked: an atomic and without ordering. Native: <see cref="Interlocked.And(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FetchAndRelaxed(ulong* p, ulong v) => Interlocked.And(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_and. Checked: an atomic and fully ordered. Native: <see cref="Interlocked.And(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FetchAnd(uint* p, uint v) => Interlocked.And(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_and_acquire. Checked: an atomic and with acquire. Native: <see cref="Interlocked.And(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FetchAndAcquire(uint* p, uint v) => Interlocked.And(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_and_release. Checked: an atomic and with release. Native: <see cref="Interlocked.And(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FetchAndRelease(uint* p, uint v) => Interlocked.And(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_and_relaxed. Checked: an atomic and without ordering. Native: <see cref="Interlocked.And(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FetchAndRelaxed(uint* p, uint v) => Interlocked.And(ref *p, v);
}
