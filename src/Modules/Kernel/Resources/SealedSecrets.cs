using System.Security.Cryptography;
using Notify.Kernel.Events;
using Notify.Kernel.Secrets;
using Npgsql;

namespace Notify.Kernel.Resources;

/// <summary>Checks that every secret in use is stored, can be decrypted, and has the fingerprint that its event names.</summary>
public sealed class SealedSecrets(IEnumerable<ConfiguredKind> kinds, MasterKey key) : IHistoryCheck
{
    private const string Kind = "secret";

    public string Name => "sealed secrets";

    public async Task<IReadOnlyList<Finding>> CheckAsync(NpgsqlConnection snapshot, CancellationToken cancellation)
    {
        var used = new List<SecretInUse>();
        foreach (var kind in kinds) used.AddRange(await kind.SecretsInUseAsync(snapshot, cancellation));
        var values = await ReadAsync(snapshot, [.. used.Select(x => x.Secret.Ref)], cancellation);
        return
        [
            .. from x in used
               let fault = FaultOf(x.Secret, values.GetValueOrDefault(x.Secret.Ref))
               where fault is not null
               select new Finding(Kind, $"The secret {x.Secret.Fingerprint} of the {x.Noun} '{x.Name}' {fault}. It is not used; enter it again.",
                   StreamId: x.Id),
        ];
    }

    private string? FaultOf(SecretRef secret, byte[]? value)
    {
        if (value is null) return "is no longer stored";
        try
        {
            return key.Fingerprint(key.Unseal(secret.Ref, value)) == secret.Fingerprint ? null : "was replaced by another one";
        }
        catch (CryptographicException)
        {
            return "cannot be decrypted: it was changed, replaced by another one, or sealed with another master key";
        }
    }

    private static async Task<Dictionary<string, byte[]>> ReadAsync(NpgsqlConnection snapshot, string[] references, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select ref, sealed from {Database.Schema}.secret where ref = any($1)", snapshot)
        { Parameters = { new() { Value = references } } };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var values = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation)) values[reader.GetString(0)] = reader.GetFieldValue<byte[]>(1);
        return values;
    }
}

/// <param name="Id">The id of the resource that uses it.</param>
public sealed record SecretInUse(string Noun, string Id, string Name, SecretRef Secret);
