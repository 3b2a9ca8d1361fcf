using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Notify.Alarms.Intake;
using Notify.Alarms.Intake.Alertmanager;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Testing;
using Npgsql;
using Xunit.Abstractions;

namespace Notify.Alarms.Tests;

/// <summary>
/// Senders with clocks of their own, that repeat themselves, come out of order and speak through several Alertmanagers: the alarm ends as its source
/// said last, in memory and in the store; and what the store shows is what its events make of it.
/// </summary>
public sealed class OccurrenceWalkTests(NotifyFixture notify, ITestOutputHelper output) : IClassFixture<NotifyFixture>
{
    private static readonly TimeSpan[] skews = [TimeSpan.Zero, TimeSpan.FromMinutes(-4), TimeSpan.FromMinutes(4), TimeSpan.FromHours(-3),
        TimeSpan.FromHours(1), TimeSpan.FromDays(3650)];
    private readonly AuditContext audit = AuditContext.OfSystem("walk");
    private readonly DateTimeOffset start = DateTimeOffset.UtcNow.AddMinutes(-3);

    /// <summary>Of one alarm: what is said, in the order in which it comes, and how it ends.</summary>
    private sealed record Walk(string AlarmId, IReadOnlyList<AlarmCommand> Commands, bool EndsActive);

    [Fact]
    public void in_memory_it_ends_as_its_source_said_last()
    {
        var random = TestRandom.New(output.WriteLine);
        for (var i = 0; i < 3000; i++)
        {
            var walk = Any(random, $"Memory {i}");
            // The same event again is recognised by its id, before the alarm is asked.
            var known = new HashSet<Guid>();
            var alarm = walk.Commands.Where(x => x.EventId is not { } id || known.Add(id)).Aggregate((Alarm?)null, Apply);
            alarm!.IsActive.Should().Be(walk.EndsActive, "this is walk {0}", i);
        }
    }

    [Fact]
    public async Task in_the_store_it_ends_so_too_and_is_what_its_events_make_of_it()
    {
        var random = TestRandom.New(output.WriteLine);
        var walks = Enumerable.Range(0, 60).Select(i => Any(random, $"{Guid.NewGuid():N}")).ToList();
        var writer = notify.Host.Services.GetRequiredService<AlarmWriter>();
        // All walks at once, each in its order; several of its steps may meet in one transaction.
        await Task.WhenAll(walks.Select(async walk =>
        {
            for (var (i, n) = (0, 0); i < walk.Commands.Count; i += n)
            {
                n = Math.Min(1 + (i * 7 % 4), walk.Commands.Count - i);
                await writer.WriteAsync([.. walk.Commands.Skip(i).Take(n)]);
            }
        }));

        var database = notify.Host.Services.GetRequiredService<NpgsqlDataSource>();
        using var scope = notify.Host.Services.CreateScope();
        var events = scope.ServiceProvider.GetRequiredService<EventReader>();
        foreach (var walk in walks)
        {
            var stored = (await AlarmTable.FindAsync(
                database, notify.Host.Services.GetRequiredService<EventReader>(), walk.AlarmId, CancellationToken.None))!;
            stored.IsActive.Should().Be(walk.EndsActive);
            var folded = (await events.ReadAsync([walk.AlarmId], CancellationToken.None))
                .Aggregate((Alarm?)null, (alarm, e) => Alarm.Apply(alarm, walk.AlarmId, e.Data))!;
            // Not in the events are the time that is won by repeats, and what was passed over and will be put there.
            if (stored.PassedOver is { } passed) folded = folded.With(passed.Record(stored)) with { PassedOver = passed };
            folded = folded with
            {
                ExpiresAt = stored.ExpiresAt,
                Occurrence = folded.Occurrence with { AnnouncedEnd = stored.Occurrence.AnnouncedEnd }
            };
            Json(folded).Should().Be(Json(stored));
        }
    }

    private static string Json(Alarm alarm) => JsonSerializer.Serialize(alarm, NotifyJson.Options);

    private static Alarm? Apply(Alarm? alarm, AlarmCommand command) => command.Decide(alarm) switch
    {
        null => alarm,
        Extension extension => extension.Of(alarm!) ?? alarm,
        var fact => Alarm.Apply(alarm, command.AlarmId, fact),
    };

    private Walk Any(Random random, string name) => random.Next(3) switch
    {
        0 => Plain(random, name),
        1 => Alertmanagers(random, name),
        _ => Prometheus(random, name),
    };

    /// <summary>A source that says each change once or more, some of it out of order, and now and then without a time what it has said
    /// last.</summary>
    private Walk Plain(Random random, string name)
    {
        var skew = skews[random.Next(skews.Length)];
        var count = random.Next(1, 12);
        var said = Enumerable.Range(0, count).Select(i => (Active: i % 2 == 0, At: start.AddSeconds(10 * i))).ToList();
        // Nothing overtakes more than its two neighbours.
        var order = Enumerable.Range(0, count).OrderBy(i => i + (random.NextDouble() * 2)).ToList();
        var (commands, heard) = (new List<AlarmCommand>(), new HashSet<int>());
        foreach (var (place, i) in order.Index())
        {
            heard.Add(i);
            for (var times = random.Next(4) == 0 ? 2 : 1; times > 0; times--) commands.Add(Says(i, timed: true, place));
            if (random.Next(3) == 0 && heard.Max() == i && heard.Count == i + 1) commands.Add(Says(i, timed: false, place));
        }

        return new Walk(commands[0].AlarmId, commands, said[^1].Active);

        AlarmCommand Says(int i, bool timed, int place)
        {
            var now = start.AddSeconds((10 * Math.Max(i, place)) + 1).AddTicks(random.Next(1000) * 10);
            var report = new AlarmReported(
                name, "Walk", "", AlarmLevel.High, said[i].Active
                ? AlarmState.ActiveUnacked : AlarmState.ClearedUnacked, $"{random.Next(3)}", timed
                ? said[i].At + skew : now, "", AcknowledgeMode.Manual,
                "", null, new Dictionary<string, string>(), null);
            return AlarmReport.Command(
                SourceReport.Heard(report, ReportFields.Value | (timed ? ReportFields.EventTime : ReportFields.None), now), audit);
        }
    }

    /// <summary>Several Alertmanagers tell the same in the same order, but each in its own time, and repeat themselves.</summary>
    private Walk Alertmanagers(Random random, string name)
    {
        var skew = skews[random.Next(skews.Length)];
        var count = random.Next(1, 8);
        var lies = random.Next(3) == 0; // its ends lie before its starts
        var words = Enumerable.Range(0, count).Select(i => (Fires: i % 2 == 0, Start: start.AddSeconds(20 * (i / 2)) + skew)).ToList();
        var peers = new int[random.Next(1, 4)];
        var (commands, now) = (new List<AlarmCommand>(), start);
        while (peers.Any(x => x < count))
        {
            var peer = random.Next(peers.Length);
            if (peers[peer] == count) continue;
            var (fires, began) = words[peers[peer]];
            if (random.Next(4) > 0) peers[peer]++;
            now = now.AddMilliseconds(100);
            var report = Report(fires, began, fires ? began : began.AddSeconds(lies ? -5 : 10), $"{random.Next(3)}", name);
            commands.Add(fires ? AlertCommand.Firing(report, now, audit) : AlertCommand.Resolved(report, timeGiven: true, now, audit));
        }

        return new Walk(commands[0].AlarmId, commands, words[^1].Fires);
    }

    /// <summary>A Prometheus that posts each alert again and again: its end lies ahead while it fires, by its own clock.</summary>
    private Walk Prometheus(Random random, string name)
    {
        // Ahead, a clock lets ends be announced that are yet to come when they have come.
        var skew = random.Next(2) == 0 ? TimeSpan.Zero : TimeSpan.FromHours(-3);
        var (commands, now) = (new List<AlarmCommand>(), start);
        var occurrences = random.Next(1, 4);
        var resolved = random.Next(2) == 0;
        for (var i = 0; i < occurrences; i++)
        {
            var began = now + skew;
            for (var n = random.Next(1, 4); n > 0; n--) Post(
                began, now + skew + TimeSpan.FromHours(skew == TimeSpan.Zero ? 1 : 0) + TimeSpan.FromMinutes(4));
            if (i == occurrences - 1 && !resolved) break;
            var ended = now + skew;
            for (var n = random.Next(1, 4); n > 0; n--) Post(began, ended);
        }

        return new Walk(commands[0].AlarmId, commands, !resolved);

        void Post(DateTimeOffset began, DateTimeOffset end)
        {
            now = now.AddSeconds(10);
            commands.Add(end > now
                ? AlertCommand.Firing(Report(true, began, began, "", name) with { ExpiresAt = end }, now, audit)
                : AlertCommand.Ended(
                    Report(false, began, end, "", name), Report(
                    true, began, began, $"{random.Next(3)}", name) with
                    { ExpiresAt = now.AddHours(1), AnnouncedEnd = end }, now, audit));
        }
    }

    private static AlarmReported Report(bool active, DateTimeOffset began, DateTimeOffset at, string value, string name) => new(
        name, "Walk", "", AlarmLevel.High, active
        ? AlarmState.ActiveUnacked : AlarmState.ClearedUnacked, value, at, "", AcknowledgeMode.Manual, "", null,
        new Dictionary<string, string> { ["annotations.value"] = value }, name)
    {
        Start = began,
    };
}
