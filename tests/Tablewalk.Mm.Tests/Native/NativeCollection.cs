using Xunit;

namespace Tablewalk.Mm.Tests.Native;

/// <summary>By itself: a flush, wherever it comes from, reaches every virtual CPU of the process, and waits wait for all threads.</summary>
[CollectionDefinition("native", DisableParallelization = true)]
public sealed class NativeCollection;
