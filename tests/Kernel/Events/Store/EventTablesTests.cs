using Marten;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Notify.Kernel.Tests.Events.Store;

public sealed class EventTablesTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private readonly NpgsqlDataSource database = fixture.Host.Services.GetRequiredService<NpgsqlDataSource>();

    [Fact]
    public async Task a_schema_made_by_an_earlier_version_loses_the_foreign_key_and_the_index_of_all_ids_and_gains_room_for_updates()
    {
        await ExecuteAsync(
            """
            alter table notify.mt_events add constraint fkey_mt_events_stream_id foreign key (stream_id) references notify.mt_streams (id) on delete cascade;
            create unique index idx_mt_events_event_id on notify.mt_events (id);
            drop index notify.mt_events_alarm_reported;
            alter table notify.mt_streams reset (fillfactor)
            """);
        (await LeanAsync()).Should().BeFalse();

        var store = fixture.Host.Services.GetRequiredService<IDocumentStore>();
        await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        (await LeanAsync()).Should().BeTrue();
    }

    /// <summary>What is taken for another one is made anew, and takes its time with millions of rows.</summary>
    [Fact]
    public async Task a_schema_that_is_there_is_left_as_it_is()
    {
        var store = fixture.Host.Services.GetRequiredService<IDocumentStore>();
        await store.Storage.Database.AssertDatabaseMatchesConfigurationAsync();
    }

    private async Task<bool> LeanAsync()
    {
        await using var command = database.CreateCommand(
            """
            select not exists (select from pg_constraint where contype = 'f' and conrelid = 'notify.mt_events'::regclass)
              and (select count(*) from pg_index where indrelid = 'notify.mt_events'::regclass and indpred is null) = 2 and to_regclass('notify.mt_events_alarm_reported') is not null
              and 'fillfactor=80' = any(coalesce((select reloptions from pg_class where oid = 'notify.mt_streams'::regclass), '{}'))
            """);
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
