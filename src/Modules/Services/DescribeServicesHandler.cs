using System.Text.Json;
using Marten;
using Notify.Channels;
using Notify.Channels.WeCom;
using Notify.Contracts.Services;
using Notify.Kernel;
using Notify.Kernel.Resources;

namespace Notify.Services;

/// <summary>Tells other modules what they need of the services: whom they reach, and where the sealed credentials lie.</summary>
public static class DescribeServicesHandler
{
    public static async Task<ServicesDescribed> Handle(
        DescribeServices query, IQuerySession session, CurrentResources<Service, ServiceSettings> resources, ChannelCatalog channels, CancellationToken cancellation)
    {
        session = ChangeUnderWay.SessionOr(session);
        var services = query.Id is { } id
            ? await resources.FindAsync(session, id, cancellation) is { } one ? [one] : []
            : await resources.AllAsync(session, cancellation);
        return new ServicesDescribed([.. services.Select(x => Describe(x, channels))]);
    }

    internal static ServiceDescription Describe(Service service, ChannelCatalog channels)
    {
        var settings = service.Settings.In(channels.Of(service.Settings.Type));
        return new(
            service.Id, service.Version, service.Name, service.Enabled, service.Settings.Type, settings,
            service.Settings.Type == WeComChannel.TypeName ? Describe(settings.Deserialize<WeComSettings>(NotifyJson.Options)!) : null);
    }

    /// <summary>Only what was chosen under "send to" can be reached.</summary>
    private static WeComDescription Describe(WeComSettings settings)
    {
        return new WeComDescription(
            settings.SendsToBots
                ? [.. settings.Bots.Select(x => new WeComRobotDescription(x.Alias, new Uri(x.WebhookUrl).GetLeftPart(UriPartial.Authority), x.Key.Ref, x.Key.Fingerprint))]
                : [],
            settings.SendsToAccounts && settings.App is { } app ? new WeComAppDescription(app.CorpId, app.AgentId, app.Secret.Ref, app.Secret.Fingerprint) : null,
            settings.SendsToAccounts ? [.. settings.Accounts.Select(x => x.Account)] : []);
    }
}
