using System.Text.Json;
using System.Text.Json.Nodes;
using JasperFx.Events;
using Marten;
using Notify.Kernel.Secrets;

namespace Notify.Kernel.Resources.Transfer;

/// <summary>One difference between a document and the configuration.</summary>
/// <param name="Change"><c>create</c>, <c>change</c> or <c>delete</c>.</param>
public sealed record TransferChange(string Kind, string Name, string Change, IReadOnlyList<FieldChange> Changes);

/// <summary>A kind of configuration resource as it goes into a document and comes out of one. Registered in an order in which none refers to a later one.</summary>
public abstract class TransferredKind
{
    public abstract string Noun { get; }
    public abstract string Plural { get; }

    /// <summary>The names of all, by id.</summary>
    internal abstract Task<Dictionary<string, string>> NamesAsync(IQuerySession session, CancellationToken cancellation);

    internal abstract Task<JsonArray> ExportAsync(IQuerySession session, Func<string, string, string?> nameOf, CancellationToken cancellation);

    /// <summary>The resources that follow from these events, by stream; by id, sorted by name, as the API shows them.</summary>
    internal abstract Dictionary<string, JsonObject> Fold(ILookup<string, IEvent> events);

    internal abstract void ReplaceIds(JsonObject resource, Func<string, string, string?> nameOf);

    internal abstract Task<ITransfer> ReadAsync(JsonArray items, ResourceChange change, Func<DateTimeOffset> now, Func<string, string, string?> idOf, Errors errors);

    /// <summary>The changes of one kind, made in steps, so that what refers to others always finds them.</summary>
    internal interface ITransfer
    {
        /// <summary>Creates, changes and switches on.</summary>
        Task WriteAsync(Errors errors);

        Task DeleteOthersAsync();

        void SwitchOff();

        IReadOnlyList<TransferChange> Changes { get; }
    }
}

public sealed class TransferredKind<TResource, TSettings>(ResourceKind<TResource, TSettings> kind, ResourceProjection<TResource, TSettings> projection) : TransferredKind
    where TResource : Resource<TSettings>, new()
    where TSettings : class
{
    private static readonly string[] commonFields = ["name", "description", "status"];

    public override string Noun => kind.Noun;
    public override string Plural => kind.Plural;

    internal override async Task<Dictionary<string, string>> NamesAsync(IQuerySession session, CancellationToken cancellation) =>
        (await session.Query<TResource>().ToListAsync(cancellation)).ToDictionary(x => x.Id, x => x.Name, StringComparer.Ordinal);

    internal override async Task<JsonArray> ExportAsync(IQuerySession session, Func<string, string, string?> nameOf, CancellationToken cancellation)
    {
        var items = new JsonArray();
        foreach (var resource in (await session.Query<TResource>().ToListAsync(cancellation)).OrderBy(x => x.NameKey, StringComparer.Ordinal))
        {
            var item = Shown(kind, resource.Name, resource.Description, resource.Enabled, resource.Settings);
            kind.ReplaceIds(item, nameOf);
            items.Add(item);
        }

        return items;
    }

    internal override Dictionary<string, JsonObject> Fold(ILookup<string, IEvent> events) =>
        events.Where(x => x.Key.StartsWith(Noun + "-", StringComparison.Ordinal))
            .Select(stream => stream.Aggregate((TResource?)null, (state, e) => projection.Evolve(state, stream.Key, e)))
            .OfType<TResource>().OrderBy(x => x.NameKey, StringComparer.Ordinal)
            .ToDictionary(x => x.Id, x => ResourceEndpoints.Body(kind, x), StringComparer.Ordinal);

    internal override void ReplaceIds(JsonObject resource, Func<string, string, string?> nameOf) => kind.ReplaceIds(resource, nameOf);

    internal override async Task<ITransfer> ReadAsync(
        JsonArray items, ResourceChange change, Func<DateTimeOffset> now, Func<string, string, string?> idOf, Errors errors)
    {
        var stored = (await change.Session.Query<TResource>().ToListAsync(change.Cancellation)).ToDictionary(x => x.NameKey, StringComparer.Ordinal);
        var transfer = new Transfer(kind, change, stored);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (i, node) in items.Index())
        {
            var path = $"{Plural}[{i}]";
            if (node is not JsonObject item)
            {
                errors.Add(path, $"A {Noun} must be an object.");
                continue;
            }

            var faults = new Errors();
            var body = item.DeepClone().AsObject();
            var (name, description) = (Text(body, "name", 64, faults), Text(body, "description", 500, faults));
            var status = Text(body, "status", 20, faults);
            if (name.Length == 0) faults.Add("name", "A name is required.");
            else if (!names.Add(ResourceName.KeyOf(name))) faults.Add("name", $"Another {Noun} of the document is named '{name}'.");
            if (status is not ("" or "enabled" or "disabled")) faults.Add("status", "Give enabled or disabled.");
            foreach (var field in commonFields) body.Remove(field);
            kind.ReplaceNames(body, idOf, faults);
            var current = stored.GetValueOrDefault(ResourceName.KeyOf(name));
            var settings = faults.Any ? null : await kind.ReadAsync(body, current?.Settings, change, faults);
            foreach (var (field, messages) in faults.ToDictionary())
                foreach (var message in messages) errors.Add(JsonFault.Join(path, field), message);
            if (!faults.Any && settings is not null)
                transfer.Items.Add(new(path, current?.Id ?? Ids.New(Noun, now()), name, description, settings, current, status.Length == 0 ? current?.Enabled ?? true : status == "enabled"));
        }

        return transfer;
    }

    private static JsonObject Shown(ResourceKind<TResource, TSettings> kind, string name, string description, bool enabled, TSettings settings)
    {
        var shown = new JsonObject { ["name"] = name, ["description"] = description, ["status"] = enabled ? "enabled" : "disabled" };
        foreach (var (field, value) in kind.View(settings)) shown[field] = value?.DeepClone();
        return shown;
    }

    private static string Text(JsonObject body, string field, int maxLength, Errors errors)
    {
        if (body[field] is not { } node) return "";
        if (node.GetValueKind() != JsonValueKind.String)
        {
            errors.Add(field, "The value must be text.");
            return "";
        }

        var text = node.GetValue<string>().Trim();
        if (text.EnumerateRunes().Count() > maxLength) errors.Add(field, $"The text has at most {maxLength} characters.");
        if (field == "name" && text.Any(char.IsControl)) errors.Add(field, "A name may not contain control characters.");
        return text;
    }

    private sealed record Item(string Path, string Id, string Name, string Description, TSettings Settings, TResource? Current, bool Enabled);

    private sealed class Transfer(ResourceKind<TResource, TSettings> kind, ResourceChange change, Dictionary<string, TResource> stored) : ITransfer
    {
        private readonly Dictionary<string, long> versions = stored.Values.ToDictionary(x => x.Id, x => x.Version, StringComparer.Ordinal);
        private readonly List<TransferChange> changes = [];

        public List<Item> Items { get; } = [];
        public IReadOnlyList<TransferChange> Changes => changes;

        public async Task WriteAsync(Errors errors)
        {
            foreach (var item in Items)
            {
                var isSame = item.Current is { } x && x.Name == item.Name && x.Description == item.Description && Same(x.Settings, item.Settings);
                var comesOn = item is { Current.Enabled: false, Enabled: true };
                if (isSame && !comesOn)
                {
                    Note(item);
                    continue;
                }

                var faults = new Errors();
                await kind.CheckReferencesAsync(item.Settings, change, faults);
                foreach (var (field, messages) in faults.ToDictionary())
                    foreach (var message in messages) errors.Add(JsonFault.Join(item.Path, field), message);
                Note(item);
                if (item.Current is null)
                {
                    change.Session.Events.StartStream<TResource>(item.Id, kind.Created(item.Name, item.Description, item.Settings));
                    versions[item.Id] = 1;
                    continue;
                }

                if (!isSame)
                {
                    SecretVault.Destroy(change.Session, [.. kind.Secrets(item.Current.Settings).Except(kind.Secrets(item.Settings), StringComparer.Ordinal)]);
                    Append(item.Id, kind.Changed(item.Name, item.Description, item.Settings));
                }

                if (comesOn) Append(item.Id, kind.Enabled());
            }
        }

        public async Task DeleteOthersAsync()
        {
            var kept = Items.Select(x => x.Id).ToHashSet(StringComparer.Ordinal);
            foreach (var resource in stored.Values.Where(x => !kept.Contains(x.Id)).OrderBy(x => x.NameKey, StringComparer.Ordinal))
            {
                var users = await kind.UsersAsync(resource.Id, change.Session, change.Bus, change.Cancellation);
                if (users.Where(x => x.Enabled).ToList() is { Count: > 0 } inUse)
                    throw ProblemException.Conflict($"The {kind.Noun} '{resource.Name}' is used by {string.Join(", ", inUse.Select(x => $"{x.Kind} '{x.Name}'"))}.");
                SecretVault.Destroy(change.Session, [.. kind.Secrets(resource.Settings)]);
                Append(resource.Id, kind.Deleted());
                changes.Add(new(kind.Noun, resource.Name, "delete", []));
            }
        }

        public void SwitchOff()
        {
            foreach (var item in Items.Where(x => !x.Enabled && x.Current?.Enabled != false)) Append(item.Id, kind.Disabled());
        }

        private void Note(Item item)
        {
            var before = item.Current is { } x ? Shown(kind, x.Name, x.Description, x.Enabled, x.Settings) : new JsonObject();
            var differences = FieldChange.Between(before, Shown(kind, item.Name, item.Description, item.Enabled, item.Settings));
            if (differences.Count > 0) changes.Add(new(kind.Noun, item.Name, item.Current is null ? "create" : "change", differences));
        }

        private void Append(string id, object @event) => change.Session.Events.Append(id, ++versions[id], @event);

        private static bool Same(TSettings a, TSettings b) =>
            JsonNode.DeepEquals(JsonSerializer.SerializeToNode(a, NotifyJson.Options), JsonSerializer.SerializeToNode(b, NotifyJson.Options));
    }
}
