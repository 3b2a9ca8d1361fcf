using Npgsql;

namespace Notify.Benchmarks;

/// <summary>Where PostgreSQL's time goes, by statement; with <c>--profile</c>, since counting costs a little itself.</summary>
internal static class StatementProfile
{
    private static readonly bool wanted = Environment.GetCommandLineArgs().Contains("--profile", StringComparer.Ordinal);

    public static IReadOnlyDictionary<string, string> Settings => wanted
        ? new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["shared_preload_libraries"] = "pg_stat_statements",
            ["pg_stat_statements.track_planning"] = "on",
            ["pg_stat_statements.track_utility"] = "on",
        }
        : new Dictionary<string, string>(StringComparer.Ordinal);

    public static async Task ResetAsync(Bench bench)
    {
        if (!wanted) return;
        await using var database = NpgsqlDataSource.Create(bench.SuperuserConnectionString);
        await using var command = database.CreateCommand("create extension if not exists pg_stat_statements; select pg_stat_statements_reset()");
        await command.ExecuteNonQueryAsync();
    }

    public static async Task PrintAsync(Bench bench, string what)
    {
        if (!wanted) return;
        await using var database = NpgsqlDataSource.Create(bench.SuperuserConnectionString);
        await using var command = database.CreateCommand(
            """
            select calls, total_exec_time, total_plan_time, rows, left(regexp_replace(query, '\s+', ' ', 'g'), 110)
            from pg_stat_statements order by total_exec_time + total_plan_time desc limit 25
            """);
        await using (var reader = await command.ExecuteReaderAsync())
        {
            Console.WriteLine($"{what}: calls, ms executing, ms planning, rows, statement");
            while (await reader.ReadAsync())
                Console.WriteLine($"{reader.GetInt64(0),8} {reader.GetDouble(1),9:N0} {reader.GetDouble(2),7:N0} {reader.GetInt64(3),8} {reader.GetString(4)}");
        }

        await ResetAsync(bench);
    }
}
