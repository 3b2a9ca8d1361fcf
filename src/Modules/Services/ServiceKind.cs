using System.Linq.Expressions;
using System.Text.Json;
using System.Text.Json.Nodes;
using Marten;
using Notify.Channels;
using Notify.Channels.Receivers;
using Notify.Channels.Sending;
using Notify.Contracts.Configuration;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;
using Wolverine;

namespace Notify.Services;

/// <summary>The channels define how services of different types differ.</summary>
public sealed class ServiceKind(ChannelCatalog channels) : ResourceKind<Service, ServiceSettings>
{
    public override string Noun => "service";
    public override Expression<Func<Service, object>>? Type => x => x.Settings.Type;

    public override object Created(string name, string description, ServiceSettings settings) => new ServiceCreated(name, description, settings);
    public override object Changed(string name, string description, ServiceSettings settings) => new ServiceChanged(name, description, settings);
    public override object Enabled() => new ServiceEnabled();
    public override object Disabled() => new ServiceDisabled();
    public override object Deleted() => new ServiceDeleted();

    public override Task<ServiceSettings?> ReadAsync(JsonObject body, ServiceSettings? current, ResourceChange change, Errors errors)
    {
        var channel = ReadType(body, errors);
        string[] known = ["type", .. channel is null ? channels.Types : [channel.Type]];
        foreach (var (field, _) in body.Where(x => !known.Contains(x.Key, StringComparer.Ordinal)))
            errors.Add(field, errors.IsFull ? "" : Misspelling.Of("field", field, ["name", "description", .. known]));
        var settings = channel?.Settings.Read(body[channel.Type], current?.Type == channel.Type ? current.In(channel) : null, change, errors);
        // Its secrets are sealed by now, so the rest must contain none.
        return Task.FromResult(settings is null ? null : ServiceSettings.Of(channel!, change.Vault.Mask(settings).AsObject()));
    }

    private IChannel? ReadType(JsonObject body, Errors errors)
    {
        var node = body["type"];
        if (node is not null && node.GetValueKind() != JsonValueKind.String)
        {
            errors.Add("type", "The value must be text.");
            return null;
        }

        var type = node?.GetValue<string>();
        var channel = channels.Find(type);
        if (channel is null) errors.Add("type", string.IsNullOrEmpty(type)
            ? "The type is required." : $"The type '{type}' is unknown; known types: {string.Join(", ", channels.Types)}.");
        return channel;
    }

    public override JsonObject View(ServiceSettings settings)
    {
        var channel = channels.Of(settings.Type);
        return new JsonObject { ["type"] = settings.Type, [channel.Type] = channel.Settings.View(settings.In(channel)) };
    }

    public override async Task<IReadOnlyList<ResourceUser>> UsersAsync(
        string id, IQuerySession session, IMessageBus bus, CancellationToken cancellation)
    {
        var answer = await bus.InvokeAsync<ReferencesFound>(new FindReferences(Noun, id), cancellation);
        return [.. answer.Users.Select(x => new ResourceUser(x.Kind, x.Id, x.Name, x.Enabled))];
    }

    public override async Task<IReadOnlyList<string>> LossesAsync(string id, ServiceSettings before, ServiceSettings after, ResourceChange change)
    {
        var answer = await change.Bus.InvokeAsync<ReferencesFound>(new FindReferences(Noun, id), change.Cancellation);
        var (receivers, reached, reaches) = (channels.Of(before.Type).Receivers, RoutesOf(before), RoutesOf(after));
        return
        [
            .. from user in answer.Users
               where user.Enabled
               let lost = user.Receivers.Where(x => reached.Has(x) && !reaches.Has(x)).ToList()
               where lost.Count > 0
               select $"{user.Kind} '{user.Name}' needs {string.Join(", ", lost.Select(receivers.Name))}",
        ];
    }

    private IRoutes RoutesOf(ServiceSettings settings)
    {
        var channel = channels.Of(settings.Type);
        return channel.Routes(settings.In(channel));
    }

    public override Task SealSecretsAsync(JsonObject shown, ServiceSettings settings, SecretSealer sealer)
    {
        var channel = channels.Of(settings.Type);
        return channel.Settings.SealAsync(shown[channel.Type]!.AsObject(), settings.In(channel), sealer);
    }

    public override void OpenSecrets(JsonObject body, TransferKey key, Errors errors)
    {
        foreach (var channel in channels.All)
            foreach (var (owner, field, path, purpose) in channel.Settings.SealedIn(body[channel.Type])) Open(
                owner, field, $"{channel.Type}.{path}", purpose, key, errors);
    }

    public override bool IsTakenFromUsers => true;

    public override bool TakesSecrets => true;

    public override IEnumerable<SecretRef> Secrets(ServiceSettings settings)
    {
        var channel = channels.Of(settings.Type);
        return channel.Settings.Secrets(settings.In(channel));
    }
}
