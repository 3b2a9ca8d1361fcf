namespace Notify.Kernel;

/// <summary>Fixed by the first attempt to create something, so that a repeated attempt finds what already exists and creates nothing
/// twice.</summary>
/// <param name="Id">The id of what it creates (UUID version 7).</param>
/// <param name="At">The time of the first attempt.</param>
public sealed record FirstRequest(Guid Id, DateTimeOffset At);
