using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;
using Wolverine;

namespace Notify.Kernel.Tests.Events.Store;

/// <summary>
/// The tables of Marten and Wolverine that Notify reads and writes itself, as both libraries make them. When an upgrade breaks a test here, all that
/// has to follow is in <c>src/Modules/Kernel/Events/Store</c>. A column that is new also needs an answer to two questions: can it name a person
/// (erasing), and is it part of what an event says (its leaf in the log)?
/// </summary>
public sealed class StoreTablesTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private const string Expected =
        """
        notify.mt_doc_rule.data jsonb not null
        notify.mt_doc_rule.id varchar not null
        notify.mt_doc_rule.mt_dotnet_type varchar
        notify.mt_doc_rule.mt_last_modified timestamptz
        notify.mt_doc_rule.mt_version int8 not null
        notify.mt_events.bdata bytea
        notify.mt_events.causation_id varchar
        notify.mt_events.correlation_id varchar
        notify.mt_events.data jsonb not null
        notify.mt_events.headers jsonb
        notify.mt_events.id uuid not null
        notify.mt_events.is_archived bool
        notify.mt_events.mt_dotnet_type varchar
        notify.mt_events.seq_id int8 not null
        notify.mt_events.stream_id varchar
        notify.mt_events.tenant_id varchar
        notify.mt_events.timestamp timestamptz not null
        notify.mt_events.type varchar not null
        notify.mt_events.user_name varchar
        notify.mt_events.version int8 not null
        notify.mt_streams.compacted_version int8 not null
        notify.mt_streams.created timestamptz not null
        notify.mt_streams.id varchar not null
        notify.mt_streams.is_archived bool
        notify.mt_streams.tenant_id varchar
        notify.mt_streams.timestamp timestamptz not null
        notify.mt_streams.type varchar
        notify.mt_streams.version int8
        wolverine.wolverine_dead_letters.archived_at timestamptz
        wolverine.wolverine_dead_letters.body bytea not null
        wolverine.wolverine_dead_letters.exception_message varchar
        wolverine.wolverine_dead_letters.exception_type varchar
        wolverine.wolverine_dead_letters.execution_time timestamptz
        wolverine.wolverine_dead_letters.failed_at timestamptz
        wolverine.wolverine_dead_letters.failure_group varchar
        wolverine.wolverine_dead_letters.failure_title varchar
        wolverine.wolverine_dead_letters.first_failed_at timestamptz
        wolverine.wolverine_dead_letters.id uuid not null
        wolverine.wolverine_dead_letters.last_replayed_at timestamptz
        wolverine.wolverine_dead_letters.message_type varchar not null
        wolverine.wolverine_dead_letters.received_at varchar not null
        wolverine.wolverine_dead_letters.replay_count int4
        wolverine.wolverine_dead_letters.replayable bool
        wolverine.wolverine_dead_letters.sent_at timestamptz
        wolverine.wolverine_dead_letters.source varchar
        wolverine.wolverine_incoming_envelopes.attempts int4
        wolverine.wolverine_incoming_envelopes.body bytea not null
        wolverine.wolverine_incoming_envelopes.execution_time timestamptz
        wolverine.wolverine_incoming_envelopes.id uuid not null
        wolverine.wolverine_incoming_envelopes.keep_until timestamptz
        wolverine.wolverine_incoming_envelopes.message_type varchar not null
        wolverine.wolverine_incoming_envelopes.owner_id int4 not null
        wolverine.wolverine_incoming_envelopes.received_at varchar not null
        wolverine.wolverine_incoming_envelopes.status varchar not null
        wolverine.wolverine_incoming_envelopes.timestamp timestamptz
        wolverine.wolverine_outgoing_envelopes.attempts int4
        wolverine.wolverine_outgoing_envelopes.body bytea not null
        wolverine.wolverine_outgoing_envelopes.deliver_by timestamptz
        wolverine.wolverine_outgoing_envelopes.destination varchar not null
        wolverine.wolverine_outgoing_envelopes.id uuid not null
        wolverine.wolverine_outgoing_envelopes.message_type varchar not null
        wolverine.wolverine_outgoing_envelopes.owner_id int4 not null
        """;

    private readonly NpgsqlDataSource database = fixture.Host.Services.GetRequiredService<NpgsqlDataSource>();

    [Fact]
    public async Task both_libraries_tables_have_the_columns_that_notify_knows()
    {
        string[] tables = [EventTables.Events, EventTables.Streams, $"{Database.Schema}.{DocumentTables.Of("rule")}",
            .. MessageTables.Owned.Select(x => x.FullName)];
        var columns = await fixture.QueryAsync<string>(
            """
            select table_schema || '.' || table_name || '.' || column_name || ' ' || udt_name || case when is_nullable = 'NO' then ' not null' else '' end
            from information_schema.columns where table_schema || '.' || table_name = any($1)
            """, (object)tables);
        columns.Order(StringComparer.Ordinal).Should().Equal(Expected.Split('\n').Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task events_are_found_by_their_number_and_by_their_stream()
    {
        var indexes = await fixture.QueryAsync<string>("select indexdef from pg_indexes where schemaname || '.' || tablename = any($1)",
            (object)(string[])[EventTables.Events, EventTables.Streams]);
        indexes.Should().Contain(x => x.Contains("UNIQUE") && x.EndsWith("(seq_id)")).And.Contain(
            x => x.Contains("UNIQUE") && x.EndsWith("(stream_id, version)"))
            .And.Contain(x => x.Contains("UNIQUE") && x.EndsWith("(id)"));
        (await fixture.QueryAsync<long>($"select {EventTables.LastNumber}")).Single().Should()
            .BeGreaterThanOrEqualTo((await fixture.QueryAsync<long>($"select {EventTables.HighestNumber}")).Single())
            .And.BePositive("the start itself is on record");
    }

    /// <summary>Among millions of others there are few of them: each question that names such a type must find its own index.</summary>
    [Fact]
    public async Task types_that_are_looked_for_have_an_index_that_answers()
    {
        var types = fixture.Host.Services.GetRequiredService<EventCatalog>().Modules.SelectMany(x => x.Types).Where(x => x.IsLookedFor).ToList();
        types.Should().NotBeEmpty();
        await using var connection = await database.OpenConnectionAsync();
        await using (var off = new NpgsqlCommand("set enable_seqscan = off", connection)) await off.ExecuteNonQueryAsync();
        foreach (var type in types)
        {
            await using var command = new NpgsqlCommand($"explain {StoredEvents.SelectOfTypes([type.Name])}", connection);
            await using var reader = await command.ExecuteReaderAsync();
            var plan = new List<string>();
            while (await reader.ReadAsync()) plan.Add(reader.GetString(0));
            string.Join('\n', plan).Should().Contain($"_{type.Name.Split('.')[1]} ", "the predicate of its index must be recognised");
        }
    }

    [Fact]
    public void a_handled_message_is_called_as_wolverine_calls_it() =>
        MessageTables.Unhandled.Should().Contain($"'{nameof(EnvelopeStatus.Handled)}'");
}
