namespace Notify.Kernel;

/// <summary>What the first attempt to create something fixed for every repeat of it, so that a repeat finds what is there already and creates nothing
/// twice.</summary>
/// <param name="Id">Of what it creates (UUID version 7).</param>
/// <param name="At">When it came.</param>
public sealed record FirstRequest(Guid Id, DateTimeOffset At);
