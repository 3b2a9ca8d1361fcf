using System.Text.Json.Nodes;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;

namespace Notify.Operation.Transfer;

/// <summary>One resource of a document.</summary>
/// <param name="Path">Its place in the document.</param>
/// <param name="Current">The resource that it replaces; null: it is new.</param>
/// <param name="IsChecked">False: it refers to a resource with faults, so its references cannot be checked.</param>
internal sealed record TransferItem<TResource, TSettings>(
    string Path, string Id, string Name, string Description, TSettings Settings, TResource? Current, bool Enabled, bool IsChecked);

/// <summary>Reads the resources of one kind, and names the faults of all of them.</summary>
internal sealed class DocumentReader<TResource, TSettings>(
    ResourceKind<TResource, TSettings> kind, IReadOnlyList<TResource> stored, ResourceChange change, DocumentNames names, TransferKey key,
    string import)
    where TResource : Resource<TSettings>, new()
    where TSettings : class
{
    private readonly Dictionary<string, TResource> byId = stored.ToDictionary(x => x.Id, StringComparer.Ordinal);
    private readonly Dictionary<string, TResource> byName = stored.ToDictionary(x => x.NameKey, StringComparer.Ordinal);
    private readonly Dictionary<string, string> paths = new(StringComparer.Ordinal);
    private readonly HashSet<string> found = new(StringComparer.Ordinal);

    public List<TransferItem<TResource, TSettings>> Items { get; } = [];

    public async Task ReadAsync(string path, JsonNode? node, Errors errors)
    {
        if (node is not JsonObject item)
        {
            errors.Add(path, $"A {kind.Noun} must be an object.");
            return;
        }

        var faults = new Errors();
        var (name, description) = ResourceFields.Read(item, faults);
        name = change.Vault.Mask(name); // as it is stored
        var nameKey = Names.KeyOf(name);
        if (nameKey.Length > 0 && !paths.TryAdd(nameKey, path)) faults.Add("name", $"Another {kind.Noun} of the document is named '{name}'.");
        var current = Find(ResourceFields.Text(item, "id", faults), nameKey, faults);
        var status = ResourceFields.Text(item, "status", faults);
        if (status is not ("" or "enabled" or "disabled")) faults.Add("status", "Give enabled or disabled.");

        var body = ResourceFields.SettingsOf(item);
        var isChecked = true;
        var unread = new Errors();
        kind.OpenSecrets(body, key, unread);
        kind.ReplaceNames(body, (noun, other) =>
        {
            var reference = names.Find(noun, other);
            isChecked &= reference is not { IsFaulty: true };
            return reference?.Id;
        }, unread);
        // A value that could not be replaced would only cause a second fault.
        var settings = unread.Any ? null : await kind.ReadAsync(body, current?.Settings, change, faults);
        faults.AddAll("", unread);
        errors.AddAll(path, faults);

        // Masked once more, now that the resource's own secrets are known.
        (name, description) = (change.Vault.Mask(name), change.Vault.Mask(description));
        var id = current?.Id ?? Ids.Derived(kind.Noun, $"{import}\n{nameKey}");
        names.Add(kind.Noun, name, id, isFaulty: faults.Any);
        if (!faults.Any && settings is not null)
            Items.Add(new(path, id, name, description, settings, current,
                status.Length == 0 ? current?.Enabled ?? true : status == "enabled", isChecked));
    }

    /// <summary>Call after all were read: resources that are not in the document keep their names, which no other may have.</summary>
    public void CheckNamesLeft(Errors errors)
    {
        foreach (var other in stored.Where(x => !found.Contains(x.Id)))
        {
            if (paths.TryGetValue(other.NameKey, out var path)) errors.Add($"{path}.name", $"Another {kind.Noun} is named '{other.Name}'.");
            else names.Add(kind.Noun, other.Name, other.Id);
        }
    }

    private TResource? Find(string id, string nameKey, Errors faults)
    {
        var current = id.Length > 0 ? byId.GetValueOrDefault(id) : byName.GetValueOrDefault(nameKey);
        if (id.Length > 0 && current is null)
        {
            faults.Add("id", $"There is no {kind.Noun} '{id}' in this installation. Omit the id to match by name.");
            paths.Remove(nameKey); // whether the name is free depends on which one is meant
        }

        if (current is not null && !found.Add(current.Id)) faults.Add(id.Length > 0
            ? "id" : "name", $"The {kind.Noun} '{current.Name}' occurs twice in the document.");
        return current;
    }
}
