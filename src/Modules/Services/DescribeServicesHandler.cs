using Marten;
using Notify.Contracts.Services;
using Notify.Kernel.Resources;
using Notify.Services.WeCom;

namespace Notify.Services;

/// <summary>Tells other modules what they need of the services: whom they reach, and where the sealed credentials lie.</summary>
public static class DescribeServicesHandler
{
    public static async Task<ServicesDescribed> Handle(
        DescribeServices query, IQuerySession session, CurrentResources<Service, ServiceSettings> resources, CancellationToken cancellation)
    {
        session = ChangeUnderWay.SessionOr(session);
        var services = query.Id is { } id
            ? await resources.FindAsync(session, id, cancellation) is { } one ? [one] : []
            : await resources.AllAsync(session, cancellation);
        return new ServicesDescribed([.. services.Select(Describe)]);
    }

    internal static ServiceDescription Describe(Service service) =>
        new(service.Id, service.Version, service.Name, service.Enabled, service.Settings.Type, service.Settings.WeCom is { } x ? Describe(x) : null);

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
