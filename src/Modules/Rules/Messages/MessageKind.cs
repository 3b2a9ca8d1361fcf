using System.Linq.Expressions;
using System.Text.Json.Nodes;
using Marten;
using Notify.Channels;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Notify.Rules.Usage;
using Wolverine;

namespace Notify.Rules.Messages;

public sealed class MessageKind(ChannelCatalog channels) : ResourceKind<Message, MessageSettings>
{
    /// <summary>A request that creates a message, for the OpenAPI document.</summary>
    public const string Example = """
        { "type": "wecom", "name": "Alarm text", "description": "", "format": "text", "content": "{level} {name} {state} {path} {value}",
          "mentions": { "accounts": ["zhangsan"], "mobiles": [] } }
        """;

    public override string Noun => "message";
    public override Expression<Func<Message, object>>? Type => x => x.Settings.Type;

    public override object Created(string name, string description, MessageSettings settings) => new MessageCreated(name, description, settings);
    public override object Changed(string name, string description, MessageSettings settings) => new MessageChanged(name, description, settings);
    public override object Enabled() => new MessageEnabled();
    public override object Disabled() => new MessageDisabled();
    public override object Deleted() => new MessageDeleted();

    public override Task<MessageSettings?> ReadAsync(JsonObject body, MessageSettings? current, ResourceChange change, Errors errors)
    {
        var settings = Read<MessageSettings>(body, "", errors)?.Complete(channels);
        settings?.Validate(errors, channels);
        return Task.FromResult(settings);
    }

    public override async Task<IReadOnlyList<string>> LossesAsync(string id, MessageSettings before, MessageSettings after, ResourceChange change)
    {
        if (before.Type == after.Type) return [];
        var users = await UsersAsync(id, change.Session, change.Bus, change.Cancellation);
        return [.. users.Where(x => x.Enabled).Select(x => $"{x.Kind} '{x.Name}' needs a message of type {before.Type}")];
    }

    public override Task<IReadOnlyList<ResourceUser>> UsersAsync(string id, IQuerySession session, IMessageBus bus, CancellationToken cancellation) =>
        RulesThatUse.FindAsync(Noun, id, bus, cancellation);
}
