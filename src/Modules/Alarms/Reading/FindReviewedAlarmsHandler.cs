using Notify.Contracts.Replays;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Alarms.Reading;

/// <summary>Finds the alarms on a path that changed in a period, including those of which nobody was to be notified.</summary>
public static class FindReviewedAlarmsHandler
{
    public static async Task<ReviewedAlarmsFound> Handle(
        FindReviewedAlarms query, NpgsqlDataSource database, EventCatalog catalog, CancellationToken cancellation)
    {
        var (path, period, found) = (PathPattern.Parse(query.AlarmPath), query.Period, new List<string>());
        await using var command = database.CreateCommand($"select v.stream_id, v.data->>'path' from {EventPeriod.FirstOfChanged}");
        new EventPeriod(period.After, period.UpTo).AddTo(command, period.From, period.To);
        command.Parameters.AddWithValue(catalog.NamesOf("alarms"));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var at = reader.IsDBNull(1) ? "" : reader.GetString(1);
            if (path.Matches(at) && PathLimit.Current.Allows(at)) found.Add(reader.GetString(0));
        }

        return new(found);
    }
}
