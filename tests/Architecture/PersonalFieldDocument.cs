using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Notify.Kernel.Events;

namespace Notify.Architecture.Tests;

/// <summary>docs/personal-fields.md: every text that an event can hold, and whether it counts as naming a person.</summary>
internal static class PersonalFieldDocument
{
    private static readonly JsonSerializerOptions json = new(NotifyJson.Options) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    public static string Of(EventCatalog catalog)
    {
        var text = new StringBuilder("""
            # Personal fields

            Every free text that an event can hold. Those with **person** are committed to one by one, so that each can be erased alone ([proofs.md](proofs.md)); the others
            can be erased together with their event's body. The names decide (`PersonalFields` in `src/Modules/Audit/Proofs`). On each event there are also the headers
            `actor-name`, `source-ip` and `reason`, which are personal, and `actor-kind` and `client`, which are not.

            This file is generated like events.md. When a new text appears here, ask: can it name a person?

            | event | text | |
            | --- | --- | --- |

            """);
        foreach (var type in catalog.Modules.SelectMany(x => x.Types).OrderBy(x => x.Name, StringComparer.Ordinal))
            foreach (var (path, personal) in Texts(type.ClrType, "", "", "", []))
                text.Append($"| {type.Name} | `{path}` | {(personal ? "**person**" : "")} |\n");
        return text.ToString();
    }

    private static IEnumerable<(string Path, bool Personal)> Texts(Type type, string path, string name, string parent, Type[] within)
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
            JsonTypeInfoKind.Enumerable => Texts(info.ElementType!, $"{path}[]", name, name, inside),
            JsonTypeInfoKind.Dictionary => Texts(info.ElementType!, $"{path}.*", "*", name, inside),
            JsonTypeInfoKind.Object => info.Properties.SelectMany(x => Texts(x.PropertyType, path.Length == 0 ? x.Name : $"{path}.{x.Name}", x.Name, name, inside)),
            _ => [],
        };
        foreach (var text in found) yield return text;
    }
}
