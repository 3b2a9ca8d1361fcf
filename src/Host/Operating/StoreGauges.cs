using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using System.Globalization;
using Notify.Kernel;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Host.Operating;

/// <summary>
/// Metrics that only the database knows: what waits and for how long, failures, dead letters. Queried on collection, at most once a second, so that a
/// cluster of nodes and scrapers costs little. While the database is unavailable, the last values stay, and <c>notify.database.up</c> is 0.
/// </summary>
internal sealed class StoreGauges : IDisposable
{
    private static readonly TimeSpan freshFor = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(2);

    private static readonly StoreFigures messages = new(
        $"select {MessageTables.PutAside}, {MessageTables.Unhandled}, {MessageTables.Unsent}", null,
        new("notify.dead_letters", "{message}", "Dead letters: internal messages that failed after all retries."),
        new("notify.inbox.depth", "{message}", "Internal messages stored and not yet handled."),
        new("notify.outbox.depth", "{message}", "Internal messages stored and not yet sent."));

    private readonly NpgsqlDataSource database;
    private readonly TimeProvider time;
    private readonly StoreFigures[] all;
    private readonly SemaphoreSlim turn = new(1);
    private volatile Readings readings = new(false, FrozenDictionary<string, Measurement<double>[]>.Empty, DateTimeOffset.MinValue);

    /// <param name="Values">By the names of the metrics.</param>
    private sealed record Readings(bool Up, FrozenDictionary<string, Measurement<double>[]> Values, DateTimeOffset At);

    public StoreGauges(NpgsqlDataSource database, IEnumerable<StoreFigures> ofModules, Gauges gauges, TimeProvider time)
    {
        (this.database, this.time, all) = (database, time, [messages, .. ofModules]);
        gauges.Add("notify.database.up", () => readings.Up ? 1 : 0, null, "1: the database answers this node.");
        foreach (var figure in all.SelectMany(x => x.Figures))
            gauges.Add(figure.Name, IEnumerable<Measurement<double>> () => Values(figure.Name), figure.Unit, figure.Description);
    }

    public void Dispose() => turn.Dispose();

    public long DeadLetters => (long)Values("notify.dead_letters").Select(x => x.Value).FirstOrDefault();

    public async Task RefreshAsync(CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            if (!Instants.HasPassed(freshFor, readings.At, time.GetUtcNow())) return;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(patience);
            readings = await ReadAsync(limit.Token);
        }
        catch (Exception) when (!cancellation.IsCancellationRequested)
        {
            readings = readings with { Up = false, At = time.GetUtcNow() };
        }
        finally
        {
            turn.Release();
        }
    }

    private Measurement<double>[] Values(string figure) => readings.Values.GetValueOrDefault(figure, []);

    private async Task<Readings> ReadAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(string.Join(";\n", all.Select(x => x.Sql)));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var values = new Dictionary<string, Measurement<double>[]>(StringComparer.Ordinal);
        foreach (var (figures, label) in all.Select(x => (x.Figures, x.Label)))
        {
            var rows = new List<double[]>();
            var labels = new List<KeyValuePair<string, object?>[]>();
            while (await reader.ReadAsync(cancellation))
            {
                var first = label is null ? 0 : 1;
                labels.Add(label is null ? [] : [new(label, reader.GetString(0))]);
                rows.Add([.. figures.Select((_, i) => Convert.ToDouble(reader.GetValue(first + i), CultureInfo.InvariantCulture))]);
            }

            foreach (var (i, figure) in figures.Index()) values[figure.Name] = [.. rows.Select(
                (row, at) => new Measurement<double>(row[i], labels[at]))];
            await reader.NextResultAsync(cancellation);
        }

        return new(true, values.ToFrozenDictionary(StringComparer.Ordinal), time.GetUtcNow());
    }
}
