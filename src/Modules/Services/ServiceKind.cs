using System.Linq.Expressions;
using System.Text.Json.Nodes;
using Marten;
using Microsoft.Extensions.Configuration;
using Notify.Contracts.Configuration;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;
using Notify.Services.WeCom;
using Wolverine;

namespace Notify.Services;

public sealed class ServiceKind(IConfiguration configuration) : ResourceKind<Service, ServiceSettings>
{
    private readonly string[] allowedOrigins = configuration.GetSection("Notify:WeCom:AllowedOrigins").Get<string[]>() ?? [];

    public override string Noun => "service";
    public override Expression<Func<Service, object>>? Type => x => x.Settings.Type;

    public override object Created(string name, string description, ServiceSettings settings) => new ServiceCreated(name, description, settings);
    public override object Changed(string name, string description, ServiceSettings settings) => new ServiceChanged(name, description, settings);
    public override object Enabled() => new ServiceEnabled();
    public override object Disabled() => new ServiceDisabled();
    public override object Deleted() => new ServiceDeleted();

    private sealed record Input(string? Type, [property: System.Text.Json.Serialization.JsonPropertyName("wecom")] WeComSettingsInput? WeCom);

    public override Task<ServiceSettings?> ReadAsync(JsonObject body, ServiceSettings? current, ResourceChange change, Errors errors)
    {
        if (Read<Input>(body, "", errors) is not { } input) return Task.FromResult<ServiceSettings?>(null);
        if (input.Type != ServiceTypes.WeCom)
        {
            errors.Add("type", string.IsNullOrEmpty(input.Type) ? "The type is required." : $"The type '{input.Type}' is unknown; known types: {ServiceTypes.WeCom}.");
            return Task.FromResult<ServiceSettings?>(null);
        }

        if (input.WeCom is null) errors.Add("wecom", "The settings of a WeCom service are required.");
        var weCom = input.WeCom?.ToSettings(current?.WeCom, allowedOrigins, change, errors);
        return Task.FromResult(weCom is null ? null : new ServiceSettings { Type = input.Type, WeCom = weCom });
    }

    public override JsonObject View(ServiceSettings settings)
    {
        var view = new JsonObject { ["type"] = settings.Type };
        if (settings.WeCom is { } weCom) view["wecom"] = WeComSettingsInput.View(weCom);
        return view;
    }

    public override async Task<IReadOnlyList<ResourceUser>> UsersAsync(string id, IQuerySession session, IMessageBus bus, CancellationToken cancellation)
    {
        var answer = await bus.InvokeAsync<ReferencesFound>(new FindReferences(Noun, id), cancellation);
        return [.. answer.Users.Select(x => new ResourceUser(x.Kind, x.Id, x.Name, x.Enabled))];
    }

    public override async Task<IReadOnlyList<string>> LossesAsync(string id, ServiceSettings before, ServiceSettings after, ResourceChange change)
    {
        var answer = await change.Bus.InvokeAsync<ReferencesFound>(new FindReferences(Noun, id), change.Cancellation);
        return
        [
            .. from user in answer.Users
               where user.Enabled
               let lost = user.Receivers.Where(x => before.Reaches(x) && !after.Reaches(x)).ToList()
               where lost.Count > 0
               select $"{user.Kind} '{user.Name}' needs {string.Join(", ", lost.Select(Describe))}",
        ];
    }

    private static string Describe(Receiver receiver) => receiver.Kind == Receiver.Bot ? $"robot '{receiver.Alias}'" : $"account '{receiver.Account}'";

    public override Task SealSecretsAsync(JsonObject shown, ServiceSettings settings, SecretSealer sealer) =>
        settings.WeCom is { } weCom ? WeComSecrets.SealAsync(shown["wecom"]!, weCom, sealer) : Task.CompletedTask;

    public override void OpenSecrets(JsonObject body, TransferKey key, Errors errors)
    {
        foreach (var (owner, field, path, purpose) in WeComSecrets.In(body["wecom"])) Open(owner, field, $"wecom.{path}", purpose, key, errors);
    }

    public override IEnumerable<SecretRef> Secrets(ServiceSettings settings)
    {
        if (settings.WeCom is not { } weCom) return [];
        var keys = weCom.Bots.Select(x => x.Key);
        return weCom.App is { } app ? keys.Append(app.Secret) : keys;
    }
}
