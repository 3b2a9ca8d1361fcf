using Notify.Contracts.Rules;
using Notify.Contracts.Services;

namespace Notify.Delivery.Lanes;

/// <summary>Whom one message reaches, as the platform counts them.</summary>
/// <param name="Members">Accounts in lower case, since the platform does not tell their case apart; <see cref="Robot"/> for a group.</param>
/// <param name="Persons">How many it counts against the app's day.</param>
public sealed record Audience(IReadOnlyList<string> Members, int Persons)
{
    public const string Robot = "robot";

    /// <summary>Of what is not sent.</summary>
    public static readonly Audience Nobody = new([], 0);

    private static readonly Audience group = new([Robot], 1);

    public static Audience Of(IReadOnlyList<Receiver> receivers, ServiceDescription? service)
    {
        if (receivers.Count == 0 || receivers[0].Kind == Receiver.Bot) return group;
        // How many "@all" reaches is the platform's secret; the service's own list is the best that is known.
        return receivers.Any(x => x.Account == Receiver.All)
            ? new([Receiver.All], Math.Max(1, service?.WeCom?.Accounts.Count ?? 1))
            : new([.. receivers.Select(x => x.Account!.ToLowerInvariant()).Distinct(StringComparer.Ordinal)], receivers.Count);
    }

    /// <summary>As <see cref="Notifications.NotificationTable"/> writes receivers; null for a robot, which has its lane for itself.</summary>
    public static string? ReceiverKeyOf(string member) => member == Robot ? null : $"account:{member}";
}
