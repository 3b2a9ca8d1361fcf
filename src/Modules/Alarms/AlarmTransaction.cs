using Marten;
using Notify.Alarms.Silences;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Events;

namespace Notify.Alarms;

/// <summary>The changes of alarms in one transaction: each command is decided on the alarm as the previous ones left it. Repeats of an alarm's
/// reports are held until something else happens to it or the transaction is complete, so that they can be counted; they are recorded in their
/// order.</summary>
/// <param name="alarms">The existing alarms; updated by the commands.</param>
/// <param name="putAway">The last versions of alarms whose events were archived.</param>
/// <param name="silences">The silences in force.</param>
/// <param name="tellsStates">Whether each change is published to another system.</param>
/// <param name="recorded">Reports that may be delivered twice and are recorded, with their alarm.</param>
internal sealed class AlarmTransaction(
    Dictionary<string, Alarm> alarms, Dictionary<string, long> putAway, Dictionary<Guid, (string AlarmId, long Version)> recorded, EventBatch events,
    RepeatedReports repeated, SilencesInForce silences, DateTimeOffset now, bool tellsStates = false)
{
    private readonly List<string> states = [];

    private readonly Dictionary<string, (Alarm Before, List<RepeatedReport> Repeats)> waiting = new(StringComparer.Ordinal);

    /// <summary>Alarms of which recorded repeats may have changed what silences look at, with the request that did.</summary>
    private readonly Dictionary<string, AuditContext> relabelled = new(StringComparer.Ordinal);

    private readonly HashSet<string> changed = new(StringComparer.Ordinal);
    private readonly HashSet<string> extended = new(StringComparer.Ordinal);
    private readonly List<AlarmChange> changes = [];
    private readonly List<RepeatedReport> repeats = [];
    private readonly List<RepeatedReport> repeatsOfPutAway = [];

    /// <summary>The changes to decide.</summary>
    public IReadOnlyList<AlarmChange> Changes => changes;

    /// <summary>The repeats that the transaction records.</summary>
    public IReadOnlyList<RepeatedReport> Repeats => repeats;

    public bool IsEmpty => events.Count + extended.Count == 0;

    /// <exception cref="ProblemException">The command was refused, and nothing has changed.</exception>
    public void Add(AlarmCommand command)
    {
        Check(command);
        if (command.EventId is { } known && recorded.TryGetValue(known, out var told))
        {
            if (command.Said is not { } said) return;
            var alarm = alarms.GetValueOrDefault(told.AlarmId);
            var again = new RepeatedReport(told.AlarmId, said.Report.Name, said.RepeatIn(alarm, told.Version), command.Audit);
            if (alarm is null) repeatsOfPutAway.Add(again);
            else Wait(alarm, again);
            return;
        }

        var before = alarms.GetValueOrDefault(command.AlarmId);
        var decision = command.Decide(before);
        CheckPath(command, before, decision);
        switch (decision)
        {
            case null: break;
            case Extension extension:
                if (before is not null && extension.Of(before) is { } longer) Extend(longer);
                break;
            case PassedOver:
                // Held repeats are recorded first, together with those that were ignored.
                RecordRepeats(command.AlarmId);
                RecordPassedOver(command.AlarmId, command.Audit);
                break;
            case ReportRepeated repeat: Wait(before!, new RepeatedReport(command.AlarmId, before!.Facts.Name, repeat, command.Audit)); break;
            case var decided:
                var fact = UnderSilences(command, before, decided);
                var (after, eventId) = Record(command.AlarmId, fact, command.Audit, command.EventId);
                if (command.EventId is { } first) recorded[first] = (after.Id, after.Version);
                // A late report is recorded, but not decided.
                if (fact is AlarmReported { Late: true }) break;
                Tell(fact, after, eventId, command.Audit);
                break;
        }
    }

    private void Tell(object fact, Alarm after, Guid eventId, AuditContext audit)
    {
        if (tellsStates) states.Add(ToldState.Of(fact, after, now));
        changes.Add(new AlarmChange(after.Id, after.Version, eventId, audit.CorrelationId, Alarm.FactsAfter(fact, after), audit.TraceParent));
    }

    /// <summary>An alarm that is not identified by its path may have another path, outside the limit. A repeat counts as well: it would be recorded,
    /// and would update the alarm.</summary>
    /// <exception cref="ProblemException">403: the alarm is outside.</exception>
    private void Check(AlarmCommand command)
    {
        if (command.Within is not { } limit) return;
        var id = command.EventId is { } known && recorded.TryGetValue(known, out var told) ? told.AlarmId : command.AlarmId;
        if (alarms.GetValueOrDefault(id) is not { } alarm) Refuse(command.Path, limit);
        else if (!limit.Allows(alarm.Facts.Path))
            throw new ProblemException(403, "Not allowed.", $"The alarm that this report identifies lies outside these paths: {limit}.");
    }

    /// <summary>A report without a path on a known alarm may begin a new occurrence, to which the old path does not apply.</summary>
    /// <exception cref="ProblemException">403: the alarm would lie outside.</exception>
    private static void CheckPath(AlarmCommand command, Alarm? before, object? decision)
    {
        if (command.Within is { } limit && decision is AlarmReported { Reopens: not true } report && !Alarm.IsLate(before, report))
            Refuse(report.Path, limit);
    }

    private static void Refuse(string? path, PathLimit limit)
    {
        if (!limit.Allows(path)) throw new ProblemException(403, "Not allowed.", AlarmCommand.OutsideOf(limit));
    }

    /// <summary>Applies the silences to a change: an alarm that is reported under a silence is shelved with its report, and one that would be
    /// unshelved under a silence is shelved by it. An alarm that an operator shelved keeps that shelving until its end.</summary>
    /// <exception cref="ProblemException">An operator unshelves an alarm that a silence shelves.</exception>
    private object UnderSilences(AlarmCommand command, Alarm? before, object fact)
    {
        var old = before?.Facts.Silence;
        switch (fact)
        {
            case AlarmReported report when (before?.Facts.Shelved != true || old is not null) && !Alarm.IsLate(before, report):
                var silence = silences.Of(Alarm.FactsOf(report), now, old?.Id);
                if (silence is not null) return silence.Id == old?.Id ? report : report with { Silence = silence.ForAlarm() };
                if (old is null) return report;
                // The report has other labels, or the silence has just ended.
                RecordRepeats(command.AlarmId);
                Append(
                    command.AlarmId, new AlarmUnshelved(before!.ShelvedUntil <= now) { Silence = old.Id },
                    AuditContext.OfSystem(command.Audit.CorrelationId, reason: "silence"));
                return report;
            case AlarmUnshelved unshelved when before is not null && silences.Of(before.Facts, now) is { } holds:
                return unshelved is { TimeIsUp: false, Silence: null } && old is not null
                    ? throw ProblemException.Conflict(
                        $"The alarm is shelved by the silence '{holds.Id}'. It counts again when that ends or is expired.")
                    : new AlarmShelved(holds.EndsAt, holds.Reason) { Silence = holds.ForAlarm() };
            default: return fact;
        }
    }

    /// <summary>To be called after the last command.</summary>
    public void Complete()
    {
        foreach (var alarmId in waiting.Keys.ToList()) RecordRepeats(alarmId);
        foreach (var (alarmId, audit) in relabelled) ApplySilences(alarmId, audit);
        // The alarm was archived: a repeat does not restore it, and its stream is closed.
        foreach (var (alarmId, name, fact, audit) in repeated.Select(repeatsOfPutAway, now))
        {
            events.Append(Ids.New("repeat", now), 1,
                new PutAwayReportRepeated(alarmId, name, fact.State, fact.EventTime, fact.Times, fact.QuietUntil), audit);
            repeats.Add(new(alarmId, name, fact, audit));
        }
    }

    /// <summary>A repeat is not decided, but its labels or level may be those of a silence, or no longer be.</summary>
    private void ApplySilences(string alarmId, AuditContext audit)
    {
        var alarm = alarms[alarmId];
        var old = alarm.Facts.Silence;
        if (alarm.Facts.Shelved && old is null) return;
        var silence = silences.Of(alarm.Facts, now, old?.Id);
        if (silence?.Id == old?.Id) return;
        object fact = silence is null ? new AlarmUnshelved(alarm.ShelvedUntil <= now) { Silence = old!.Id }
            : new AlarmShelved(silence.EndsAt, silence.Reason) { Silence = silence.ForAlarm() };
        var own = AuditContext.OfSystem(audit.CorrelationId, reason: "silence", traceParent: audit.TraceParent);
        var (after, eventId) = Record(alarmId, fact, own, null);
        Tell(fact, after, eventId, own);
    }

    public void QueueTo(IDocumentSession session)
    {
        events.QueueTo(session, rows: AlarmTable.Upsert([.. changed.Select(x => alarms[x])]));
        AlarmTable.QueueExtensions(session, [.. extended.Select(x => alarms[x])]);
        ToldStates.Queue(session, [.. states]);
    }

    private void Extend(Alarm longer)
    {
        alarms[longer.Id] = longer;
        if (!changed.Contains(longer.Id)) extended.Add(longer.Id);
    }

    private void Wait(Alarm alarm, RepeatedReport repeat)
    {
        if (!waiting.TryGetValue(alarm.Id, out var waits)) waiting[alarm.Id] = waits = (alarm, []);
        waits.Repeats.Add(repeat);
        alarms[alarm.Id] = alarm.With(repeat.Fact);
    }

    private void RecordRepeats(string alarmId)
    {
        if (!waiting.Remove(alarmId, out var waits)) return;
        var (before, heard) = (waits.Before, alarms[alarmId]);
        var selected = repeated.Select(waits.Repeats, now, repeats);
        alarms[alarmId] = before;
        foreach (var (i, repeat) in selected.Index())
        {
            var (fact, alarm) = (repeat.Fact, alarms[alarmId]);
            if (i == selected.Count - 1)
            {
                fact = alarm.PassedOver is { } passed
                    ? passed.Record(heard) with { Times = passed.Times + fact.Times, QuietUntil = fact.QuietUntil }
                    : fact.Between(alarm, heard);
            }

            Append(alarmId, fact, repeat.Audit);
        }

        // The announced end of an extension in the same transaction is in no event yet.
        if (selected.Count > 0 && alarms[alarmId] is { IsActive: true } after && after.Occurrence.AnnouncedEnd != heard.Occurrence.AnnouncedEnd)
            alarms[alarmId] = after with { Occurrence = after.Occurrence with { AnnouncedEnd = heard.Occurrence.AnnouncedEnd } };
        repeats.AddRange(selected);
        if (selected.Count > 0 && (before.PassedOver is not null || before.Facts.Level != heard.Facts.Level
            || !ReferenceEquals(before.Facts.Labels, heard.Facts.Labels)))
            relabelled[alarmId] = selected[^1].Audit;
        // Updated content that is not recorded in an event yet.
        if (selected.Count == 0 && waits.Repeats[0].Fact.Between(before, heard).ChangesContent())
            Extend(heard with { PassedOver = new((before.PassedOver?.Times ?? 0) + waits.Repeats.Sum(x => x.Fact.Times), repeated.MinuteEnds) });
    }

    private (Alarm After, Guid EventId) Record(string alarmId, object fact, AuditContext audit, Guid? id)
    {
        RecordRepeats(alarmId);
        RecordPassedOver(alarmId, AuditContext.OfSystem(audit.CorrelationId, reason: "repeats", traceParent: audit.TraceParent));
        return Append(alarmId, fact, audit, id);
    }

    /// <summary>Silences look at ignored repeats only now, so that a flood of them shelves and unshelves nothing.</summary>
    private void RecordPassedOver(string alarmId, AuditContext audit)
    {
        if (alarms.GetValueOrDefault(alarmId) is not { PassedOver: { } passed } alarm) return;
        Append(alarmId, passed.Record(alarm), audit);
        relabelled.TryAdd(alarmId, audit);
    }

    private (Alarm After, Guid EventId) Append(string alarmId, object fact, AuditContext audit, Guid? id = null)
    {
        var before = alarms.GetValueOrDefault(alarmId);
        var after = Alarm.Apply(before, alarmId, fact);
        if (before is null && putAway.TryGetValue(alarmId, out var last))
            after = after with { Version = last + 1, Reported = last + 1, Began = last + 1 };
        alarms[alarmId] = after;
        changed.Add(alarmId);
        extended.Remove(alarmId);
        return (after, events.Append(alarmId, after.Version, fact, audit, id));
    }
}
