using Wolverine.Attributes;

namespace Notify.Contracts.Rules;

/// <summary>Asks the Rules module for the drill run to which a link in a message leads.</summary>
[MessageIdentity("notify.rules.describe-drill.v1")]
public sealed record DescribeDrill(string RunId) : BusMessage;

/// <summary>Tells the Rules module that somebody has confirmed a drill run through a link.</summary>
/// <param name="Note">May be empty.</param>
/// <param name="Link">The fingerprint of the link.</param>
/// <param name="Actor">The person who confirms.</param>
[MessageIdentity("notify.rules.confirm-drill.v1")]
public sealed record ConfirmDrill(string RunId, string Note, string Link, Requester Actor) : BusMessage;

/// <param name="Drill">Null: not found.</param>
[MessageIdentity("notify.rules.drill-described.v1")]
public sealed record DrillDescribed(LinkedDrill? Drill) : BusMessage
{
    /// <summary>Whether the answered message confirmed it.</summary>
    public bool Confirmed { get; init; }
}

/// <summary>A drill run, as its link shows it.</summary>
/// <param name="ConfirmBy">The deadline; null: not known yet, or no confirmation is required.</param>
/// <param name="IsOpen">Whether it is waiting for confirmation.</param>
/// <param name="ConfirmedBy">Null: not confirmed.</param>
public sealed record LinkedDrill(
    string Name, DateTimeOffset StartedAt, DateTimeOffset? ConfirmBy, bool IsOpen, string? ConfirmedBy, string? Note, DateTimeOffset? ConfirmedAt);
