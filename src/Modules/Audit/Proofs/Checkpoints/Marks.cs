using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Notify.Kernel.Secrets;
using Npgsql;

namespace Notify.Audit.Proofs.Checkpoints;

/// <summary>How far the log was signed, with one hash over all checkpoints.</summary>
/// <param name="Size">The size of the last checkpoint; 0: none was signed yet.</param>
/// <param name="Count">How many checkpoints there are.</param>
/// <param name="Chain">SHA-256, in hexadecimal digits, of the previous chain and the last checkpoint (<see cref="After"/>).</param>
/// <param name="At">When the last checkpoint was signed; if there is none, when the first start found the store without an event.</param>
public sealed record LogMark(long Size, long Count, string Chain, DateTimeOffset At)
{
    public static LogMark New(DateTimeOffset at) => new(0, 0, new string('0', Sha256.Size * 2), at);

    public LogMark After(SignedNote note, Checkpoint checkpoint) =>
        new(checkpoint.Size, Count + 1, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Chain}\n{note}"))), checkpoint.At);
}

/// <summary>When everything was last verified to the end, whatever was found.</summary>
/// <param name="At">By anybody's request, or by itself.</param>
/// <param name="DailyAt">The last daily verification; events expire only after it.</param>
public sealed record VerifiedMark(DateTimeOffset At, DateTimeOffset? DailyAt);

/// <summary>A verification of everything is under way on some node.</summary>
/// <param name="At">When it was last seen to make progress.</param>
public sealed record VerifyingMark(DateTimeOffset At);

/// <summary>
/// Facts that the checks rely on, each with a MAC of the installation's key. Somebody who can write to the database can remove a mark or restore an
/// earlier one, but cannot forge one.
/// </summary>
public sealed class Marks(MasterKey key)
{
    public const string Table = LogTables.Mark;

    private const string Log = "log";
    private const string Verified = "verified";
    private const string Verifying = "verifying";

    /// <summary>For a Marten session, with <see cref="RowOf"/>.</summary>
    public static readonly string UpsertSql = Upsert("?, ?, ?");

    /// <returns>Null: there is none, or it was not written by this installation.</returns>
    public Task<LogMark?> LogAsync(NpgsqlConnection connection, CancellationToken cancellation) => ReadAsync<LogMark>(connection, Log, cancellation);

    /// <inheritdoc cref="LogAsync"/>
    public Task<VerifiedMark?> VerifiedAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        ReadAsync<VerifiedMark>(connection, Verified, cancellation);

    /// <inheritdoc cref="LogAsync"/>
    public Task<VerifyingMark?> VerifyingAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        ReadAsync<VerifyingMark>(connection, Verifying, cancellation);

    public Task WriteAsync(NpgsqlConnection connection, LogMark mark, CancellationToken cancellation) =>
        WriteAsync(connection, Row(Log, mark), cancellation);

    public Task WriteAsync(NpgsqlConnection connection, VerifyingMark mark, CancellationToken cancellation) =>
        WriteAsync(connection, Row(Verifying, mark), cancellation);

    /// <summary>For <see cref="UpsertSql"/>.</summary>
    public object[] RowOf(VerifiedMark mark) => Row(Verified, mark);

    /// <summary>A mark as the text of a file.</summary>
    public string Text(string name, LogMark mark) =>
        $"{JsonSerializer.Serialize(mark, NotifyJson.Options)}\n{Mac(name, JsonSerializer.Serialize(mark, NotifyJson.Options))}\n";

    public LogMark? OfText(string name, string text) => text.Split('\n') is [var value, var mac, ""] ? Read<LogMark>(name, value, mac) : null;

    private static string Upsert(string values) =>
        $"insert into {Table} (name, value, mac) values ({values}) on conflict (name) do update set value = excluded.value, mac = excluded.mac";

    private static async Task WriteAsync(NpgsqlConnection connection, object[] row, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Upsert("$1, $2, $3"), connection);
        foreach (var value in row) command.Parameters.AddWithValue(value);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private string Mac(string name, string value) => key.Mac("mark", $"{name}\n{value}");

    private object[] Row<T>(string name, T mark)
    {
        var value = JsonSerializer.Serialize(mark, NotifyJson.Options);
        return [name, value, Mac(name, value)];
    }

    private async Task<T?> ReadAsync<T>(NpgsqlConnection connection, string name, CancellationToken cancellation)
        where T : class
    {
        await using var command = new NpgsqlCommand($"select value, mac from {Table} where name = $1", connection);
        command.Parameters.AddWithValue(name);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? Read<T>(name, reader.GetString(0), reader.GetString(1)) : null;
    }

    private T? Read<T>(string name, string value, string mac)
        where T : class =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Mac(name, value)), Encoding.UTF8.GetBytes(mac))
            ? JsonSerializer.Deserialize<T>(value, NotifyJson.Options) : null;
}
