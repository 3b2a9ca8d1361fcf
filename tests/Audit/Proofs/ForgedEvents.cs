using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel;
using Notify.Testing;
using Npgsql;

namespace Notify.Audit.Tests.Proofs;

/// <summary>Events that somebody writes into the database as Notify would write them, so that the log takes them in.</summary>
internal static class ForgedEvents
{
    public static async Task AppendAsync(NotifyHost host, string stream, long version, string type, string data, string user, string headers = "{}")
    {
        await using var command = DatabaseOf(host).CreateCommand(
            """
            with s as (insert into notify.mt_streams (id, version, timestamp, created) values ($1, $2, now(), now()) on conflict (id) do update set version = excluded.version)
            insert into notify.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, user_name, headers)
            values (nextval('notify.mt_events_sequence'), gen_random_uuid(), $1, $2, $3::jsonb, $4, now(), '', $5, $6::jsonb)
            """);
        foreach (var value in new object[] { stream, version, data, type, user, headers }) command.Parameters.AddWithValue(value);
        await command.ExecuteNonQueryAsync();
    }

    /// <returns><c>user</c> and <c>data</c> of the first one.</returns>
    public static async Task<JsonObject> ReadAsync(NotifyHost host, string stream, string type) => JsonNode.Parse(await ScalarAsync(
        host, "select jsonb_build_object('user', user_name, 'data', data)::text from notify.mt_events where stream_id = $1 and type = $2 order by version",
        stream, type))!.AsObject();

    public static async Task<string> ScalarAsync(NotifyHost host, string sql, params string[] parameters)
    {
        await using var command = DatabaseOf(host).CreateCommand(sql);
        foreach (var value in parameters) command.Parameters.AddWithValue(value);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    /// <param name="noun">What the first member is called, which holds the stream.</param>
    public static string HashOf(JsonObject signature, string noun, string stream)
    {
        var said = new JsonObject { [noun] = stream };
        foreach (var member in (string[])["content", "signer", "displayName", "signedAt", "meaning", "method"]) said[member] = signature[member]!.DeepClone();
        return Sha256(said.ToJsonString());
    }

    /// <summary>Of the canonical form.</summary>
    public static string Sha256(string json)
    {
        var text = new ArrayBufferWriter<byte>();
        using var document = JsonDocument.Parse(json);
        CanonicalJson.Write(text, document.RootElement);
        return Convert.ToHexStringLower(SHA256.HashData(text.WrittenSpan));
    }

    private static NpgsqlDataSource DatabaseOf(NotifyHost host) => host.Services.GetRequiredService<NpgsqlDataSource>();
}
