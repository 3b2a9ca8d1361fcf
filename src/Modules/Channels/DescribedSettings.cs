using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Channels.Fields;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;

namespace Notify.Channels;

/// <summary>
/// Settings defined entirely by the description of their fields. They are stored under the fields' names, a secret as a <see cref="SecretRef"/> and
/// an address with a secret as a <see cref="SecretAddress"/>, and deserialized as <typeparamref name="TSettings"/>.
/// </summary>
/// <param name="type">The channel's type.</param>
/// <param name="check">Checks what the field descriptions cannot express; adds faults with paths within the settings.</param>
public sealed class DescribedSettings<TSettings>(
    string type, IReadOnlyList<Field> fields, string example, Action<TSettings, Errors>? check = null) : IChannelSettings
    where TSettings : class
{
    public IReadOnlyList<Field> Fields => fields;
    public Type StoredType => typeof(TSettings);
    public string StoredAs => type;
    public string Example => example;

    public static TSettings Of(JsonObject settings) => settings.Deserialize<TSettings>(NotifyJson.Options)!;

    public JsonObject? Read(JsonNode? input, JsonObject? current, ResourceChange change, Errors errors)
    {
        if (input is not null and not JsonObject)
        {
            errors.Add(type, "Give an object.");
            return null;
        }

        var faults = new Errors();
        var read = new FieldReader(faults, (secret, kept) => change.Vault.Store(change.Session, secret, kept))
            .Read(fields, input as JsonObject, current, "");
        if (!faults.Any) check?.Invoke(Of(read), faults);
        errors.AddAll(type, faults);
        return faults.Any ? null : read;
    }

    public JsonObject View(JsonObject settings) => View(fields, settings);

    public IEnumerable<SecretRef> Secrets(JsonObject settings) => Secrets(fields, settings).Select(x => x.Secret);

    public async Task SealAsync(JsonObject shown, JsonObject settings, SecretSealer sealer)
    {
        foreach (var (path, field, secret, address) in Secrets(fields, settings).ToList())
        {
            var (owner, name) = Find(shown, path);
            owner[name] = await sealer.SealAsync(
                PurposeOf(path, field, shown), secret, x => address is null ? x : field.Address!.Whole(address, x));
        }
    }

    public IEnumerable<SealedField> SealedIn(JsonNode? input) => SealedIn(fields, input as JsonObject, "", input as JsonObject);

    private static JsonObject View(IReadOnlyList<Field> fields, JsonObject settings)
    {
        var view = new JsonObject();
        foreach (var field in fields)
        {
            if (settings[field.Name] is not { } value) continue;
            view[field.Name] = field.Type switch
            {
                FieldType.Secret => Shown(value),
                FieldType.SecretAddress => value["shown"]!.DeepClone(),
                FieldType.Object => View(field.Fields, value.AsObject()),
                FieldType.List => new JsonArray([.. value.AsArray().Select(x => View(field.Fields, x!.AsObject()))]),
                FieldType.SecretMap => new JsonObject(value.AsObject().Select(x => KeyValuePair.Create(x.Key, (JsonNode?)Shown(x.Value!)))),
                _ => value.DeepClone(),
            };
            if (field.Type == FieldType.SecretAddress) view[FieldReader.Fingerprint] = value["key"]!["fingerprint"]!.DeepClone();
        }

        return view;
    }

    private static JsonObject Shown(JsonNode secret) => new() { ["set"] = true, [FieldReader.Fingerprint] = secret["fingerprint"]!.DeepClone() };

    /// <param name="Path">Names of fields, and indexes in lists.</param>
    /// <param name="Address">For an address: the part that is shown.</param>
    private readonly record struct Found(IReadOnlyList<object> Path, Field Field, SecretRef Secret, string? Address);

    private static IEnumerable<Found> Secrets(IReadOnlyList<Field> fields, JsonObject settings, params IReadOnlyList<object> path)
    {
        foreach (var field in fields)
        {
            if (settings[field.Name] is not { } value) continue;
            IReadOnlyList<object> here = [.. path, field.Name];
            switch (field.Type)
            {
                case FieldType.Secret:
                    yield return new(here, field, value.Deserialize<SecretRef>(NotifyJson.Options)!, null);
                    break;
                case FieldType.SecretAddress:
                    var address = value.Deserialize<SecretAddress>(NotifyJson.Options)!;
                    yield return new(here, field, address.Key, address.Shown);
                    break;
                case FieldType.SecretMap:
                    foreach (var (name, secret) in value.AsObject()) yield return new(
                        [.. here, name], field, secret.Deserialize<SecretRef>(NotifyJson.Options)!, null);
                    break;
                case FieldType.Object:
                    foreach (var x in Secrets(field.Fields, value.AsObject(), here)) yield return x;
                    break;
                case FieldType.List:
                    foreach (var (i, item) in value.AsArray().Index())
                        foreach (var x in Secrets(field.Fields, item!.AsObject(), [.. here, i])) yield return x;
                    break;
            }
        }
    }

    private static (JsonObject Owner, string Name) Find(JsonObject shown, IReadOnlyList<object> path)
    {
        JsonNode owner = shown;
        foreach (var step in path.SkipLast(1)) owner = step is int i ? owner[i]! : owner[(string)step]!;
        return (owner.AsObject(), (string)path[^1]);
    }

    private IEnumerable<SealedField> SealedIn(IReadOnlyList<Field> fields, JsonObject? input, string path, JsonObject? settings)
    {
        if (input is null) yield break;
        foreach (var field in fields)
        {
            var at = JsonFault.Join(path, field.Name);
            switch (field.Type)
            {
                case FieldType.Secret or FieldType.SecretAddress:
                    yield return new(input, field.Name, at, PurposeOf(at, field, settings));
                    break;
                case FieldType.SecretMap:
                    foreach (var name in (input[field.Name] as JsonObject)?.Select(x => x.Key).ToList() ?? []) yield return new(
                        input[field.Name], name, JsonFault.Join(at, name), PurposeOf(JsonFault.Join(at, name), field, settings));
                    break;
                case FieldType.Object:
                    foreach (var x in SealedIn(field.Fields, input[field.Name] as JsonObject, at, settings)) yield return x;
                    break;
                case FieldType.List:
                    foreach (var (i, item) in (input[field.Name] as JsonArray ?? []).Index())
                        foreach (var x in SealedIn(field.Fields, item as JsonObject, $"{at}[{i}]", settings)) yield return x;
                    break;
            }
        }
    }

    /// <summary>Omits indexes: a secret may be moved within a list. Contains where it is sent, so that nobody can have it sent elsewhere.</summary>
    private string PurposeOf(IReadOnlyList<object> path, Field field, JsonObject? settings) => PurposeOf(path.OfType<string>(), field, settings);

    private string PurposeOf(string path, Field field, JsonObject? settings) =>
        PurposeOf(path.Split('.').Select(x => x.Split('[')[0]), field, settings);

    private string PurposeOf(IEnumerable<string> names, Field field, JsonObject? settings)
    {
        var purpose = $"{type} {string.Join('.', names)}";
        return field.Destination is { } destination ? $"{purpose} for {destination.In(settings)}" : purpose;
    }
}
