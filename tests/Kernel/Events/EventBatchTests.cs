using System.Text.Json;
using System.Text.Json.Nodes;
using JasperFx.Events;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Notify.Alarms;
using Notify.Contracts.Alarms;
using Notify.Kernel.Events;
using Notify.Rules.Messages;

namespace Notify.Kernel.Tests.Events;

/// <summary>Our appender beside Marten's own: what one writes, the other must have written too.</summary>
public sealed class EventBatchTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private static readonly string[] columnsThatDiffer = ["id", "seq_id", "stream_id", "timestamp", "created"];

    private static readonly AuditContext audit = new(
        new Actor("user-1", "张三 \"the <operator>\"", "user"), "correlation-1", "0198c1a0-0000-7000-8000-000000000001", "192.0.2.7",
        "Because of 泵站 & co", "curl/8");

    private static readonly AuditContext bareAudit = new(new Actor("key-1", "Key", "apiKey"), "correlation-2");

    private readonly IDocumentStore store = fixture.Host.Services.GetRequiredService<IDocumentStore>();

    private readonly object[] facts =
    [
        new MessageCreated(HostFixture.Unique("Pumps"), "",
        new MessageSettings { Content = "{name} 温度过高 👍🏽 <b>\"\\ {value}", TimeZone = "Asia/Shanghai" }),
        new MessageChanged(HostFixture.Unique("Pumps"), "再说一遍", new MessageSettings { Content = "{name}" }),
        new MessageDisabled(),
        new MessageEnabled(),
    ];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task the_rows_are_those_that_marten_writes(bool fullAudit)
    {
        var (martens, ours) = await AppendByBothAsync(fullAudit ? audit : bareAudit);

        var martenStream = await RowsAsync($"select to_jsonb(s)::text from notify.mt_streams s where id = '{martens}'");
        var ourStream = await RowsAsync($"select to_jsonb(s)::text from notify.mt_streams s where id = '{ours}'");
        ourStream.Should().ContainSingle().Which.Should().Contain("version", "4").And.Equal(martenStream.Single());

        var martenEvents = await RowsAsync($"select to_jsonb(e)::text from notify.mt_events e where stream_id = '{martens}' order by version");
        var ourEvents = await RowsAsync($"select to_jsonb(e)::text from notify.mt_events e where stream_id = '{ours}' order by version");
        martenEvents.Should().HaveCount(4);
        ourEvents.Should().HaveCount(4);
        for (var i = 0; i < 4; i++)
            ourEvents[i].Should().ContainKeys("data", "type", "mt_dotnet_type", "headers", "user_name", "correlation_id").And.Equal(martenEvents[i]);
    }

    [Fact]
    public async Task what_is_read_back_is_equal_whoever_wrote_it()
    {
        var (martens, ours) = await AppendByBothAsync(audit);

        await using var session = store.QuerySession();
        var expected = await session.Events.FetchStreamAsync(martens);
        var read = await session.Events.FetchStreamAsync(ours);

        read.Should().HaveCount(4);
        read.Select(x => x.Sequence).Should().BeInAscendingOrder();
        read.Select(x => JsonSerializer.Serialize(x.Data, x.EventType, NotifyJson.Options))
            .Should().Equal(facts.Select(x => JsonSerializer.Serialize(x, x.GetType(), NotifyJson.Options)));
        read.Select(Metadata).Should().Equal(expected.Select(Metadata));
        read.Should().OnlyContain(x => x.Actor() == audit.Actor && x.UserName == "user-1" && x.CorrelationId == "correlation-1"
            && x.CausationId == audit.CausationId && x.Header(AuditContext.ReasonHeader) == audit.Reason);
    }

    [Fact]
    public async Task marten_appends_after_us()
    {
        var (_, ours) = await AppendByBothAsync(audit);
        await using var session = store.LightweightSession();
        audit.ApplyTo(session);
        session.Events.Append(ours, 5, new MessageDeleted());
        await session.SaveChangesAsync();

        (await session.Events.FetchStreamStateAsync(ours))!.Version.Should().Be(5);
        (await session.Events.FetchStreamAsync(ours)).Select(x => x.Version).Should().Equal(1, 2, 3, 4, 5);
    }

    [Fact]
    public async Task of_a_batch_with_a_version_that_is_taken_nothing_is_kept()
    {
        var (_, taken) = await AppendByBothAsync(audit);
        var fresh = NewStream();
        var batch = NewBatch();
        batch.Append(fresh, 1, new MessageEnabled(), audit);
        batch.Append(taken, 4, new MessageDeleted(), audit);
        await using var session = store.LightweightSession();
        batch.QueueTo(session);

        await FluentActions.Awaiting(() => session.SaveChangesAsync()).Should().ThrowAsync<Exception>().Where(x => WriteConflict.Is(x));

        (await fixture.QueryAsync<long>("select count(*) from notify.mt_events where stream_id = $1", fresh)).Should().Equal(0);
        (await fixture.QueryAsync<long>("select count(*) from notify.mt_streams where id = $1", fresh)).Should().Equal(0);
        (await fixture.QueryAsync<string>("select type from notify.mt_events where stream_id = $1 order by version", taken)).Should()
            .HaveCount(4).And.NotContain("rules.message_deleted.v1");
    }

    [Fact]
    public async Task many_streams_go_in_one_batch()
    {
        var streams = Enumerable.Range(0, 500).Select(_ => NewStream()).ToList();
        var batch = NewBatch();
        foreach (var version in new[] { 1, 2 })
        {
            foreach (var (i, stream) in streams.Index())
                batch.Append(stream, version, new MessageChanged($"{i}/{version}", "", new MessageSettings()), i % 2 == 0 ? audit : bareAudit);
        }

        batch.Count.Should().Be(1000);
        await SaveAsync(batch);

        await using var session = store.QuerySession();
        foreach (var i in new[] { 0, 1, 250, 499 })
        {
            var events = await session.Events.FetchStreamAsync(streams[i]);
            events.Select(x => ((MessageChanged)x.Data).Name).Should().Equal($"{i}/1", $"{i}/2");
            events.Should().OnlyContain(
                x => x.CorrelationId == (i % 2 == 0 ? audit : bareAudit).CorrelationId && x.Actor() == (i % 2 == 0 ? audit : bareAudit).Actor);
        }

        (await fixture.QueryAsync<long>("select count(*) from notify.mt_streams where id = any($1) and version = 2", (object)streams.ToArray()))
            .Should().Equal(500);
        (await fixture.QueryAsync<long>("select count(distinct seq_id) from notify.mt_events where stream_id = any($1)", (object)streams.ToArray()))
            .Should().Equal(1000);
    }

    [Fact]
    public async Task an_event_keeps_the_id_it_was_given_and_a_fact_with_the_same_derived_id_is_not_recorded_twice()
    {
        var report = new AlarmReported(
            "Pump", "", "", AlarmLevel.High, AlarmState.ActiveUnacked, "", DateTimeOffset.UnixEpoch, "", AcknowledgeMode.Manual, "", null,
            new Dictionary<string, string>(StringComparer.Ordinal), null);
        var (stream, id) = (NewStream(), Guid.NewGuid());
        var batch = NewBatch();
        batch.Append(stream, 1, report, audit, id).Should().Be(id);
        await SaveAsync(batch);
        (await fixture.QueryAsync<Guid>("select id from notify.mt_events where stream_id = $1", stream)).Should().Equal(id);

        var again = NewBatch();
        again.Append(NewStream(), 1, report, audit, id);
        await FluentActions.Awaiting(() => SaveAsync(again)).Should().ThrowAsync<Exception>().Where(x => WriteConflict.Is(x));
        (await fixture.QueryAsync<long>("select count(*) from notify.mt_events where id = $1", id)).Should().Equal(1);
    }

    [Fact]
    public async Task each_event_has_the_headers_of_its_own_context()
    {
        var of = audit with
        {
            TraceParent = "00-1",
            RequestCorrelationId = "request-1",
            Authentication = "password",
            Session = "session-1",
            Emergency = "emergency-1",
        };
        AuditContext[] contexts =
        [
            of, of with { Session = "session-2" }, of with { Authentication = "oidc" }, of with { Emergency = "emergency-2" },
            of with { RequestCorrelationId = "request-2" }, of with { TraceParent = "00-2" }, of with { Client = "browser" },
            of with { Reason = "Another" }, of with { SourceIp = "192.0.2.8" }, of with { Actor = new("user-1", "Another name", "user") },
            of with { CorrelationId = "correlation-3", CausationId = null }, of with { },
        ];
        var stream = NewStream();
        var batch = NewBatch();
        foreach (var (i, context) in contexts.Index()) batch.Append(stream, i + 1, new MessageEnabled(), context);
        await SaveAsync(batch);

        var headers = await fixture.QueryAsync<string>("select headers::text from notify.mt_events where stream_id = $1 order by version", stream);
        headers.Select(x => JsonSerializer.Deserialize<SortedDictionary<string, string>>(x)).Should().BeEquivalentTo(
            contexts.Select(x => x.Headers()), options => options.WithStrictOrdering());
    }

    private async Task<(string Martens, string Ours)> AppendByBothAsync(AuditContext by)
    {
        var (martens, ours) = (NewStream(), NewStream());
        await using (var session = store.LightweightSession())
        {
            by.ApplyTo(session);
            session.Events.StartStream(martens, facts[..2]);
            await session.SaveChangesAsync();
        }

        await using (var session = store.LightweightSession())
        {
            by.ApplyTo(session);
            session.Events.Append(martens, facts[2..]);
            await session.SaveChangesAsync();
        }

        foreach (var (from, to) in new[] { (0, 2), (2, 4) })
        {
            var batch = NewBatch();
            for (var i = from; i < to; i++) batch.Append(ours, i + 1, facts[i], by);
            await SaveAsync(batch);
        }

        return (martens, ours);
    }

    private EventBatch NewBatch() => new(fixture.Host.Services.GetRequiredService<EventCatalog>(), TimeProvider.System);

    private async Task SaveAsync(EventBatch batch)
    {
        await using var session = store.LightweightSession();
        batch.QueueTo(session);
        await session.SaveChangesAsync();
    }

    // Not "message-…": these streams are nobody's configuration.
    private static string NewStream() => $"batch-{Guid.NewGuid():N}";

    private async Task<List<Dictionary<string, string>>> RowsAsync(string sql) =>
        [.. (await fixture.QueryAsync<string>(sql)).Select(x => JsonNode.Parse(x)!.AsObject()
            .Where(column => !columnsThatDiffer.Contains(column.Key))
            .ToDictionary(column => column.Key, column => column.Value?.ToJsonString() ?? "null", StringComparer.Ordinal))];

    private static (long, string, string, string?, string?, string?, string, bool) Metadata(IEvent x) =>
        (x.Version, x.EventTypeName, x.DotNetTypeName, x.UserName, x.CorrelationId, x.CausationId,
            string.Join(';', x.Headers!.OrderBy(h => h.Key, StringComparer.Ordinal).Select(h => $"{h.Key}={h.Value}")), x.IsArchived);
}
