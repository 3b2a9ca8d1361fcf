using System.Security.Cryptography;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Notify.Kernel.Secrets;

/// <summary>
/// The keys with which ASP.NET Core protects cookies, for all nodes: stored in the table of secrets, each sealed as a whole with the master key.
/// Write access to the database is not enough to read or forge one, or to change its lifetime.
/// </summary>
public sealed partial class KeyRing(NpgsqlDataSource database, MasterKey key, TimeProvider time, ILogger<KeyRing> logger) : IXmlRepository
{
    private const string Kind = "keyring";

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var connection = database.OpenConnection();
        using var command = new NpgsqlCommand(
            $"select ref, sealed from {Database.Schema}.secret where ref like '{Kind}-%' order by created_at", connection);
        using var reader = command.ExecuteReader();
        var elements = new List<XElement>();
        while (reader.Read())
        {
            var reference = reader.GetString(0);
            try
            {
                elements.Add(XElement.Parse(key.Unseal(reference, reader.GetFieldValue<byte[]>(1))));
            }
            catch (CryptographicException)
            {
                // From a lost master key, or written by something else: its cookies are refused, and a new key replaces it.
                logger.LogWarning("The key {Reference} for cookies cannot be opened with this installation's key file and is not used", reference);
            }
        }

        return elements;
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        var reference = $"{Kind}-{Unusual().Replace(friendlyName, "-")}";
        using var connection = database.OpenConnection();
        using var command = new NpgsqlCommand(
            $"insert into {Database.Schema}.secret (ref, sealed, created_at) values ($1, $2, $3) on conflict (ref) do update set sealed = excluded.sealed",
            connection);
        command.Parameters.AddWithValue(reference);
        command.Parameters.AddWithValue(key.Seal(reference, element.ToString(SaveOptions.DisableFormatting)));
        command.Parameters.AddWithValue(time.GetUtcNow());
        command.ExecuteNonQuery();
    }

    [GeneratedRegex("[^a-zA-Z0-9-]", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Unusual();
}
