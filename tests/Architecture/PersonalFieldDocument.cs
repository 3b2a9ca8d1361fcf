using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Notify.Audit.Proofs.Log;
using Notify.Channels;
using Notify.Kernel;
using Notify.Kernel.Events;
using Weasel.Postgresql.Tables;

namespace Notify.Architecture.Tests;

/// <summary>docs/personal-fields.md: every text that an event or a table can hold, and whether it counts as naming a person.</summary>
internal static class PersonalFieldDocument
{
    private static readonly JsonSerializerOptions json = new(NotifyJson.Options) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    private static readonly string[] texts = ["text", "text[]", "varchar", "jsonb", "bytea"];

    public static string Of(EventCatalog catalog, ChannelCatalog channels, IReadOnlyList<Table> tables, IReadOnlyList<OwnedTable> owned)
    {
        var text = new StringBuilder("""
            # Personal fields

            Every free text that an event can hold. Those with **person** are committed to one by one, so that each can be erased alone ([proofs.md](proofs.md)); the others
            can be erased together with their event's body. The names decide (`PersonalFields` in `src/Modules/Audit/Proofs`). On each event there are also the headers
            HEADERS.

            This file is generated like events.md. When a new text appears here, ask: can it name a person?

            | event | text | |
            | --- | --- | --- |

            """.Replace("HEADERS", Headers(), StringComparison.Ordinal));
        foreach (var type in catalog.Modules.SelectMany(x => x.Types).OrderBy(x => x.Name, StringComparer.Ordinal))
            foreach (var (path, personal) in Texts(type.ClrType, "", "", "", [], channels))
                text.Append($"| {type.Name} | `{path}` | {(personal ? "**person**" : "")} |\n");
        text.Append("""

            ## Tables beside the events

            Every column that can hold a text, also packed or sealed. **Erased** are those of which the module that owns the table says that a person can stand there
            (`OwnedTable`, [decision 10](decisions/0010-owned-tables.md)); of the others it says by its silence that none can: ids, states, hashes, keys.

            | table | column | |
            | --- | --- | --- |

            """);
        foreach (var table in tables.OrderBy(x => x.Identifier.Name, StringComparer.Ordinal))
            foreach (var column in table.Columns.Where(x => texts.Contains(x.Type)))
                text.Append($"| {table.Identifier.Name} | `{column.Name}` | {Erased(owned.FirstOrDefault(x => x.Name == table.Identifier.Name), column)} |\n");
        foreach (var table in owned.Where(x => tables.All(t => t.Identifier.Name != x.Name)).OrderBy(x => x.Name, StringComparer.Ordinal))
            text.Append($"| {table.Name} | {string.Join(", ", table.Texts.Concat(table.HiddenIn).Select(x => $"`{x}`"))} | **erased** |\n");
        return text.ToString();

        static string Erased(OwnedTable? table, TableColumn column) =>
            table is null ? "" : table.Texts.Contains(column.Name) || table.HiddenIn.Contains(column.Name) ? "**erased**" : "";
    }

    /// <summary>Every constant of the audit context whose name ends so.</summary>
    private static string Headers()
    {
        var headers = typeof(AuditContext).GetFields().Where(x => x.IsLiteral && x.Name.EndsWith("Header", StringComparison.Ordinal))
            .Select(x => (string)x.GetRawConstantValue()!)
            .ToLookup(x => PersonalFields.Contains(Encoding.UTF8.GetBytes(x), ""u8));
        return $"{List(headers[true])}, which are personal, and {List(headers[false])}, which are not";

        static string List(IEnumerable<string> names) => string.Join(", ", names.Order(StringComparer.Ordinal).Select(x => $"`{x}`"));
    }

    private static IEnumerable<(string Path, bool Personal)> Texts(
        Type type, string path, string name, string parent, Type[] within, ChannelCatalog channels)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string))
        {
            yield return (path, PersonalFields.Contains(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(parent)));
            yield break;
        }

        var info = json.GetTypeInfo(type);
        if (within.Contains(type)) yield break;
        Type[] inside = [.. within, type];
        var found = info.Kind switch
        {
            JsonTypeInfoKind.Enumerable => Texts(info.ElementType!, $"{path}[]", name, name, inside, channels),
            JsonTypeInfoKind.Dictionary => Texts(info.ElementType!, $"{path}.*", "*", name, inside, channels),
            JsonTypeInfoKind.Object => ChannelParts.FieldsOf(info, channels)
            .SelectMany(x => Texts(x.Type, path.Length == 0 ? x.Name : $"{path}.{x.Name}", x.Name, name, inside, channels)),
            _ => [],
        };
        foreach (var text in found) yield return text;
    }
}
