namespace Notify.Delivery.Lanes;

/// <summary>A lane on which something waits and may be sent, and how much of it to read.</summary>
/// <param name="Full">Receivers, as named in the table of notifications, to whom nothing more can be sent now.</param>
/// <param name="Arrivals">The lane's <see cref="Lane.Arrivals"/> at the time of the question.</param>
internal sealed record LaneLook(string Lane, int Most, string[] Full, long Arrivals);
