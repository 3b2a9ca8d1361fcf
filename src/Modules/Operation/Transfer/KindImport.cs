using System.Text.Json.Nodes;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;

namespace Notify.Operation.Transfer;

/// <summary>One difference between a document and the configuration.</summary>
/// <param name="Change"><c>create</c>, <c>change</c> or <c>delete</c>.</param>
public sealed record TransferChange(string Kind, string Name, string Change, IReadOnlyList<FieldChange> Changes);

/// <summary>Makes the changes of one kind, step by step, so that references always find their targets.</summary>
internal interface IKindImport
{
    /// <summary>Creates, changes and enables resources.</summary>
    Task WriteAsync(Errors errors);

    Task DeleteOthersAsync();

    void SwitchOff();

    /// <summary>Call when all is written: what enabled users of these resources need and have lost, as sentences.</summary>
    Task<IReadOnlyList<string>> LossesAsync();

    /// <summary>Call when all is written: what was disabled or deleted although something enabled uses it, which is allowed if confirmed.
    /// </summary>
    Task<IReadOnlyList<UsedResource>> TakenAsync();

    IReadOnlyList<TransferChange> Changes { get; }

    /// <summary>The versions, before the import, of the resources that the document contains or deletes.</summary>
    IReadOnlyList<BaseVersion> BasedOn { get; }

    /// <summary>The secrets that the document brings.</summary>
    IEnumerable<SecretRef> NewSecrets { get; }
}

internal sealed class KindImport<TResource, TSettings>(
    ResourceKind<TResource, TSettings> kind, ResourceChange change, IReadOnlyList<TResource> stored,
    IReadOnlyList<TransferItem<TResource, TSettings>> items) : IKindImport
    where TResource : Resource<TSettings>, new()
    where TSettings : class
{
    private readonly Dictionary<string, long> versions = stored.ToDictionary(x => x.Id, x => x.Version, StringComparer.Ordinal);
    private readonly List<TransferChange> changes = [];
    private readonly List<BaseVersion> deleted = [];

    public IReadOnlyList<TransferChange> Changes => changes;
    public IReadOnlyList<BaseVersion> BasedOn => [.. deleted, .. items.Select(x => new BaseVersion(x.Id, x.Current?.Version ?? 0))];

    public IEnumerable<SecretRef> NewSecrets =>
        items.SelectMany(x => kind.Secrets(x.Settings).Except(x.Current is { } current ? kind.Secrets(current.Settings) : []));

    public async Task WriteAsync(Errors errors)
    {
        foreach (var item in items)
        {
            Note(item);
            var isSame = item.Current is { } x && x.Name == item.Name && x.Description == item.Description
                && ResourceFields.Same(x.Settings, item.Settings);
            var comesOn = item is { Current.Enabled: false, Enabled: true };
            if (isSame && !comesOn) continue;

            if (item.IsChecked)
            {
                var faults = new Errors();
                await kind.CheckReferencesAsync(item.Settings, change, faults);
                errors.AddAll(item.Path, faults);
            }

            if (item.Current is null)
            {
                change.Session.Events.StartStream<TResource>(item.Id, kind.Created(item.Name, item.Description, item.Settings));
                versions[item.Id] = 1;
                continue;
            }

            if (!isSame)
            {
                SecretVault.Destroy(change.Session, kind.Secrets(item.Current.Settings), kind.Secrets(item.Settings));
                Append(item.Id, kind.Changed(item.Name, item.Description, item.Settings));
            }

            if (comesOn) Append(item.Id, kind.Enabled());
        }
    }

    public async Task DeleteOthersAsync()
    {
        var kept = items.Select(x => x.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var resource in stored.Where(x => !kept.Contains(x.Id)).OrderBy(x => x.NameKey, StringComparer.Ordinal))
        {
            if (!kind.IsTakenFromUsers) ResourceInUse.ThrowIfAny(kind.Noun, resource.Name, await UsersAsync(resource.Id));
            SecretVault.Destroy(change.Session, kind.Secrets(resource.Settings), []);
            Append(resource.Id, kind.Deleted());
            changes.Add(new(kind.Noun, resource.Name, "delete", []));
            deleted.Add(new(resource.Id, resource.Version));
        }
    }

    public void SwitchOff()
    {
        foreach (var item in SwitchedOff) Append(item.Id, kind.Disabled());
    }

    public async Task<IReadOnlyList<UsedResource>> TakenAsync()
    {
        if (!kind.IsTakenFromUsers) return [];
        var names = stored.ToDictionary(x => x.Id, x => x.Name, StringComparer.Ordinal);
        var taken = new List<UsedResource>();
        foreach (var (id, name, how) in SwitchedOff.Select(x => (x.Id, x.Name, "disable")).Concat(deleted.Select(x => (x.Id, names[x.Id], "delete"))))
        {
            var users = (await UsersAsync(id)).Where(x => x.Enabled).ToList();
            if (users.Count > 0) taken.Add(new(kind.Noun, name, how, users));
        }

        return taken;
    }

    public async Task<IReadOnlyList<string>> LossesAsync()
    {
        var losses = new List<string>();
        foreach (var item in items.Where(x => x.Current is not null && !ResourceFields.Same(x.Current.Settings, x.Settings)))
        {
            var lost = await kind.LossesAsync(item.Id, item.Current!.Settings, item.Settings, change);
            if (lost.Count > 0) losses.Add(ResourceInUse.Describe(kind.Noun, item.Name, lost));
        }

        return losses;
    }

    /// <summary>New ones too: the document may have rules that use them.</summary>
    private IEnumerable<TransferItem<TResource, TSettings>> SwitchedOff => items.Where(x => !x.Enabled && x.Current?.Enabled != false);

    private Task<IReadOnlyList<ResourceUser>> UsersAsync(string id) => kind.UsersAsync(id, change.Session, change.Bus, change.Cancellation);

    private void Note(TransferItem<TResource, TSettings> item)
    {
        var before = item.Current is { } current ? kind.Shown(current) : new JsonObject();
        var differences = FieldChange.Between(before, kind.Shown(item.Name, item.Description, item.Enabled, item.Settings));
        if (differences.Count > 0) changes.Add(new(kind.Noun, item.Name, item.Current is null ? "create" : "change", differences));
    }

    private void Append(string id, object @event) => change.Session.Events.Append(id, ++versions[id], @event);
}
