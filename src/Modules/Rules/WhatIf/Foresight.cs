using Notify.Channels.People;
using Notify.Channels.Receivers;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Rules.Deciding;

namespace Notify.Rules.WhatIf;

/// <summary>Sums up the differences between the decisions of two configurations about the same changes of alarms. Pure: equal input gives equal
/// results.</summary>
public sealed class Foresight(RuleSnapshot now, RuleSnapshot proposed)
{
    private const int MostReceivers = 100;
    private const int MostExamples = 20;
    private const int MostTellings = 5;
    private const int MostText = 300;

    private readonly Dictionary<string, Figures> receivers = new(StringComparer.Ordinal);
    private readonly List<ForeseenExample> examples = [];

    private sealed record Figures(Receiver Receiver)
    {
        public long Now { get; set; }
        public long Proposed { get; set; }
        public long OtherTexts { get; set; }
        public long Difference => Math.Abs(Proposed - Now) + OtherTexts;
        public bool Differs { get; set; }
    }

    /// <summary>One notification of a receiver by one action, immediate or later.</summary>
    private sealed record Told(string Key, ForeseenTelling Telling, string Text)
    {
        /// <summary>The key by which notifications of the two decisions are matched.</summary>
        public (string, string, StepKind?, bool, int?) Place => (Key, Telling.Rule, Telling.Kind, Telling.IsDigest, Telling.AfterMinutes);
    }

    public long AlarmChanges { get; private set; }

    public long Different { get; private set; }

    /// <param name="at">The instant at which the schedules are evaluated.</param>
    public void Add(string alarmId, AlarmFacts alarm, DateTimeOffset at)
    {
        AlarmChanges++;
        var (before, after) = (TellingsOf(now, alarmId, alarm, at), TellingsOf(proposed, alarmId, alarm, at));
        foreach (var x in before) FiguresOf(x).Now++;
        foreach (var x in after) FiguresOf(x).Proposed++;
        // Notifications in both decisions are paired; the rest is in only one of them.
        var (gone, added) = (before.ToList(), new List<Told>());
        var texts = new List<(Told Before, Told After)>();
        foreach (var x in after)
        {
            var same = gone.Find(y => y.Place == x.Place && y.Text == x.Text) ?? gone.Find(y => y.Place == x.Place);
            if (same is null) added.Add(x);
            else
            {
                gone.Remove(same);
                if (same.Text != x.Text) texts.Add((same, x));
            }
        }

        if (gone.Count + added.Count + texts.Count == 0) return;
        Different++;
        foreach (var x in gone.Concat(added)) FiguresOf(x).Differs = true;
        foreach (var (_, x) in texts)
        {
            FiguresOf(x).Differs = true;
            FiguresOf(x).OtherTexts++;
        }

        if (examples.Count >= MostExamples) return;
        examples.Add(new(
            at, alarmId, alarm.Name, alarm.Path, alarm.Level, alarm.State,
            [.. gone.Concat(texts.Select(x => x.Before)).Take(MostTellings).Select(x => x.Telling)],
            [.. added.Concat(texts.Select(x => x.After)).Take(MostTellings).Select(x => x.Telling)]));
    }

    public ForeseenEffect Effect(DateTimeOffset from, DateTimeOffset to, bool complete) => new(
        from, to, complete, AlarmChanges, Different,
        [
            .. receivers.Where(x => x.Value.Differs).OrderByDescending(x => x.Value.Difference).ThenBy(x => x.Key, StringComparer.Ordinal)
                .Take(MostReceivers).Select(x => new ForeseenReceiver(x.Value.Receiver, x.Value.Now, x.Value.Proposed, x.Value.OtherTexts)),
        ],
        examples);

    private Figures FiguresOf(Told told)
    {
        if (!receivers.TryGetValue(told.Key, out var figures)) receivers[told.Key] = figures = new(told.Telling.Receiver);
        return figures;
    }

    /// <summary>The notifications of an action at one instant: at once, or by a step, which does then what the engine would do then.</summary>
    private sealed record Performed(StepKind? Kind, DateTimeOffset At, IReadOnlyList<PlannedNotification> Notifications);

    private static List<Told> TellingsOf(RuleSnapshot snapshot, string alarmId, AlarmFacts alarm, DateTimeOffset at)
    {
        var decision = snapshot.Decide(alarm, at);
        List<Performed> performed = [new(null, at, decision.Notifications), .. decision.Steps.Select(x => Perform(snapshot, alarmId, alarm, x))];
        return
        [
            .. from x in performed
               from notification in x.Notifications
               where notification.Suppressed is null
               from receiver in Reached(notification.Receivers)
               select Of(receiver, notification, x.Kind, x.At, at),
            .. from x in performed
               from notification in x.Notifications
               where notification is { Suppressed: not null, DigestAt: not null }
               from receiver in Reached(notification.Receivers)
               select new Told(
                   ReceiverKey.Of(receiver),
                   new(receiver, notification.Rule.Name, MinutesFrom(at, notification.DigestAt!.Value), null) { Kind = x.Kind, IsDigest = true }, ""),
            .. OtherWaysOf(snapshot, performed, alarm, at),
        ];
    }

    private static Performed Perform(RuleSnapshot snapshot, string alarmId, AlarmFacts alarm, PlannedStep x)
    {
        var planned = new StepPlanned(alarmId, alarm.Name, alarm.Path, alarm.Level, 0, x.Rule, x.Action, x.Kind, x.DueAt, x.ActionKey);
        return new(x.Kind, x.DueAt, snapshot.Perform(WaitingStep.Apply(null, "", planned), alarm, x.DueAt).Notifications);
    }

    /// <summary>The other way of each action that has one, once, however many of its notifications do not arrive.</summary>
    private static IEnumerable<Told> OtherWaysOf(RuleSnapshot snapshot, IEnumerable<Performed> performed, AlarmFacts alarm, DateTimeOffset at) =>
        from x in performed.SelectMany(x => x.Notifications.Where(y => y.Suppressed is null).Select(y => (y.Rule, y.Action, y.ActionKey, x.At)))
            .DistinctBy(x => (x.Rule.Id, x.Action))
        let minutes = snapshot.OtherwiseOf(x.Rule.Id, x.Action)?.AfterMinutes ?? 0
        let due = x.At.AddMinutes(minutes)
        from notification in snapshot.TakeOtherWay(x.Rule.Id, x.ActionKey, alarm, due).Notifications
        where notification.Suppressed is null
        from receiver in Reached(notification.Receivers)
        select Of(receiver, notification, StepKind.Otherwise, due, at);

    private static Told Of(Receiver receiver, PlannedNotification x, StepKind? kind, DateTimeOffset due, DateTimeOffset at) => new(
        ReceiverKey.Of(receiver),
        new(receiver, x.Rule.Name, kind is null ? null : MinutesFrom(at, due), Shortened(x.Content.Text)) { Kind = kind }, TextOf(x.Content));

    private static int MinutesFrom(DateTimeOffset at, DateTimeOffset due) => (int)(due - at).TotalMinutes;

    /// <summary>A receiver that still stands for a person or group has no address and is not reached.</summary>
    private static IEnumerable<Receiver> Reached(IEnumerable<Receiver> receivers) => receivers.Where(x => !PeopleKinds.IsPeople(x));

    /// <summary>Everything that is sent, so that a difference outside the text counts too.</summary>
    private static string TextOf(RenderedMessage x) =>
        $"{x.Format}\n{x.Text}\n{string.Join('\n', x.Mentions.Accounts)}\n{string.Join('\n', x.Mentions.Mobiles)}\n{string.Join('\n', (x.Fields ?? new Dictionary<string, string>()).OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Key}={f.Value}"))}";

    private static string Shortened(string text)
    {
        var runes = text.EnumerateRunes().ToList();
        return runes.Count <= MostText ? text : string.Concat(runes.Take(MostText)) + "…";
    }
}
