using Wolverine.Attributes;

namespace Notify.Contracts.Rules;

/// <summary>Asks the Rules module for the run of a drill to which a link in a message leads.</summary>
[MessageIdentity("notify.rules.describe-drill.v1")]
public sealed record DescribeDrill(string RunId) : BusMessage;

/// <summary>Tells the Rules module that somebody has confirmed the run of a drill by a link.</summary>
/// <param name="Note">Empty: none.</param>
/// <param name="Link">The fingerprint of the link.</param>
/// <param name="Actor">Whoever confirms.</param>
[MessageIdentity("notify.rules.confirm-drill.v1")]
public sealed record ConfirmDrill(string RunId, string Note, string Link, Requester Actor) : BusMessage;

/// <param name="Drill">Null: there is none.</param>
[MessageIdentity("notify.rules.drill-described.v1")]
public sealed record DrillDescribed(LinkedDrill? Drill) : BusMessage
{
    /// <summary>Whether this message has confirmed it.</summary>
    public bool Confirmed { get; init; }
}

/// <summary>The run of a drill as its link shows it.</summary>
/// <param name="ConfirmBy">Null: not known yet, or nobody is asked to.</param>
/// <param name="IsOpen">Whether it waits to be confirmed.</param>
/// <param name="ConfirmedBy">Null: nobody has confirmed it.</param>
public sealed record LinkedDrill(
    string Name, DateTimeOffset StartedAt, DateTimeOffset? ConfirmBy, bool IsOpen, string? ConfirmedBy, string? Note, DateTimeOffset? ConfirmedAt);
