using Microsoft.Extensions.Options;
using Notify.Channels;
using Notify.Contracts.People;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Npgsql;
using Wolverine.Runtime;

namespace Notify.Alarms.ByLink;

public enum LinkState
{
    /// <summary>It was not made by this installation; or its alarm does not exist, or the reader may not see its path.</summary>
    Unknown,

    Expired,

    /// <summary>The only person to whom it was sent was removed or disabled.</summary>
    Revoked,

    /// <summary>The occurrence that the message reported is over.</summary>
    Ended,

    /// <summary>The alarm was acknowledged before.</summary>
    Acknowledged,

    /// <summary>This request acknowledged the alarm.</summary>
    Done,

    Open,
}

/// <summary>The alarm to which a link leads.</summary>
/// <param name="Alarm">The alarm now; null for a link that is unknown, expired or revoked.</param>
/// <param name="By">Who acknowledged it; null: nobody.</param>
/// <param name="Person">The only person to whom the link was sent; null: it was sent to several people, or to a group.</param>
public sealed record LinkedAlarm(LinkState State, Alarm? Alarm = null, Acknowledgement? By = null, LinkedPerson? Person = null);

/// <param name="At">Null when only the source reported the acknowledgement, without a time.</param>
public sealed record Acknowledgement(string Name, string Note, DateTimeOffset? At);

/// <summary>Acknowledges the alarm to which a link in a message leads. Anybody with the link may do so, for the occurrence of the message and while
/// the link is valid; with a link that was sent to one person only, in that person's name and within their paths.</summary>
public sealed class AcknowledgeByLink(
    AcknowledgeLinks links, OperatorChange change, NpgsqlDataSource database, EventReader events, IOptions<AcknowledgeLinkSettings> settings,
    IWolverineRuntime wolverine, ChannelCatalog channels, TimeProvider time)
{
    private static readonly LinkedAlarm unknown = new(LinkState.Unknown);

    public async Task<LinkedAlarm> ReadAsync(string token, CancellationToken cancellation) =>
        (await FindAsync(token, cancellation)).Linked;

    /// <param name="name">The reader's name, 1 to 64 characters; ignored if <paramref name="signedIn"/> or the link determines the person.</param>
    /// <param name="note">At most 1,000 characters; required when the alarm's mode is manualWithNote.</param>
    /// <param name="signedIn">Whether the audit context contains a person who has signed in.</param>
    /// <returns><see cref="LinkState.Done"/>, or why nothing was changed.</returns>
    /// <exception cref="ProblemException">400: the name or the note is invalid.</exception>
    public async Task<LinkedAlarm> RunAsync(
        string token, string? name, string? note, bool signedIn, AuditContext audit, CancellationToken cancellation)
    {
        var (linked, sent) = await FindAsync(token, cancellation);
        if (linked is not { State: LinkState.Open, Alarm: { } alarm }) return linked;
        var link = links.FingerprintOf(token);
        var known = signedIn ? audit.Actor : linked.Person is { } person ? new Actor(person.Id, person.Name, Actor.LinkKind) : null;
        var (actor, text) = ReadForm(name, note, known, link, alarm.NeedsNote);
        var channel = sent.Channel is { } mark ? channels.Types.FirstOrDefault(x => AcknowledgeLinks.MarkOfChannel(x) == mark) : null;
        try
        {
            await change.RunAsync(
                alarm.Id,
                now => now.IsActive && now.Began <= sent.Version ? now.Acknowledge(text, actor.Name, link, channel)
                    : throw ProblemException.Conflict("The alarm has ended."),
                audit with { Actor = actor }, cancellation);
        }
        catch (ProblemException e) when (e.Status is 404 or 409)
        {
            // Somebody else was faster, or the alarm has ended meanwhile.
            return await ReadAsync(token, cancellation);
        }

        var done = await ReadAsync(token, cancellation);
        return done.State == LinkState.Acknowledged ? done with { State = LinkState.Done } : done;
    }

    /// <param name="known">Null: <paramref name="name"/> says who acts.</param>
    /// <returns>Who acts, and the note, which may be empty.</returns>
    /// <exception cref="ProblemException">400: the name or the note is invalid.</exception>
    internal static (Actor Actor, string Note) ReadForm(string? name, string? note, Actor? known, string link, bool needsNote)
    {
        var (errors, by, text) = (new Errors(), known?.Name ?? Names.Kept(name ?? ""), (note ?? "").Trim());
        if (known is null && (PlainText.FaultOf(by) ?? Names.FaultOf(by)) is { } noName) errors.Add("name", noName);
        if (OperatorChange.FaultOf(text, Acknowledge.MaxNote) is { } noNote) errors.Add("note", noNote);
        else if (needsNote && text.Length == 0) errors.Add("note", "This alarm must be acknowledged with a note.");
        errors.ThrowIfAny();
        return (known ?? new Actor($"link-{link}", by, Actor.LinkKind), text);
    }

    /// <summary>Reads only the alarm's row and two of its events, since an alarm may have thousands.</summary>
    private async Task<(LinkedAlarm Linked, AcknowledgeLink Link)> FindAsync(string token, CancellationToken cancellation)
    {
        if (links.Read(token) is not { } link) return (unknown, default);
        var (id, version) = (link.Id, link.Version);
        LinkedPerson? person = null;
        if (link.Person is { } mark)
        {
            person = (await new MessageBus(wolverine).InvokeAsync<LinkedPersonFound>(new FindLinkedPerson(mark), cancellation)).Person;
            if (person is null) return (new(LinkState.Revoked), link);
        }

        if (await AlarmTable.FindAsync(database, events, id, cancellation) is not { } alarm || !PathLimit.Current.Allows(alarm.Facts.Path)
            || (person is not null && !PathLimit.To(person.Paths).Allows(alarm.Facts.Path))) return (unknown, link);
        var said = await events.ReadAsync(id, [version, alarm.Acknowledged ?? version], cancellation);
        if (said.Find(x => x.Version == version) is not { } sent) return (unknown, link);
        if (time.GetUtcNow() - sent.At >= TimeSpan.FromDays(settings.Value.Days)) return (new(LinkState.Expired), link);
        var state = !alarm.IsActive || alarm.Began > version ? LinkState.Ended
            : alarm.IsAcked ? LinkState.Acknowledged
            : LinkState.Open;
        var by = said.Find(x => x.Version == alarm.Acknowledged) is { Data: AlarmAcknowledged x } e ? new(x.By, x.Note, e.At)
            : alarm.IsAcked ? new Acknowledgement(alarm.Facts.AckUser, "", null)
            : null;
        return (new(state, alarm, by, person), link);
    }
}
