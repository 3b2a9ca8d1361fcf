using Notify.Contracts.Rules;

namespace Notify.Channels.Sending;

/// <summary>
/// One service as its channel reads it: whom it reaches, and by which lanes. Immutable, and made once for a version of the service, since it is asked
/// for each alarm.
/// </summary>
public interface IRoutes
{
    bool Has(Receiver receiver);

    /// <summary>The lane of a notification to these: what the platform limits. Two services with the same credentials share it. Begins with the
    /// channel's type and a slash.</summary>
    /// <param name="receivers">Those of one notification.</param>
    /// <returns>Null when the service has no way to them.</returns>
    string? LaneOf(IReadOnlyList<Receiver> receivers);

    /// <summary>Its lanes, each with what people call it beside the service's name.</summary>
    IEnumerable<(string Lane, string Name)> Lanes { get; }

    /// <summary>Whom a message to these reaches, as the platform counts them.</summary>
    Audience AudienceOf(IReadOnlyList<Receiver> receivers);
}

/// <summary>For a service that was deleted, or whose channel is no longer registered.</summary>
public sealed class NoRoutes : IRoutes
{
    public static readonly NoRoutes Instance = new();

    public IEnumerable<(string Lane, string Name)> Lanes => [];

    public bool Has(Receiver receiver) => false;

    public string? LaneOf(IReadOnlyList<Receiver> receivers) => null;

    public Audience AudienceOf(IReadOnlyList<Receiver> receivers) => Audience.One;
}
