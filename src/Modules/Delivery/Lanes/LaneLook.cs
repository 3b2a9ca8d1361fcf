namespace Notify.Delivery.Lanes;

/// <summary>A lane where something waits and may leave, and how much of it to look at.</summary>
/// <param name="Full">Receivers, as the table of notifications names them, who can be told nothing more just now.</param>
/// <param name="Arrivals">How often the lane had been given work when this was asked.</param>
internal sealed record LaneLook(string Lane, int Most, string[] Full, long Arrivals);
