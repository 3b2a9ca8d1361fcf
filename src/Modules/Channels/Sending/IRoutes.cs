using Notify.Contracts.Rules;

namespace Notify.Channels.Sending;

/// <summary>
/// One service as its channel reads it: which receivers it reaches, and through which lanes. Immutable, and made once for a version of the service,
/// since it is used for each alarm.
/// </summary>
public interface IRoutes
{
    bool Has(Receiver receiver);

    /// <summary>The lane of a notification to these: the unit that the platform limits. Services with the same credentials share it. Begins with the
    /// channel's type and a slash.</summary>
    /// <param name="receivers">The receivers of one notification.</param>
    /// <returns>Null if the service cannot reach them.</returns>
    string? LaneOf(IReadOnlyList<Receiver> receivers);

    /// <summary>Its lanes, each with a name for people, in addition to the service's name.</summary>
    IEnumerable<(string Lane, string Name)> Lanes { get; }

    /// <summary>The recipients of a message to these, as the platform counts them.</summary>
    Audience AudienceOf(IReadOnlyList<Receiver> receivers);
}

/// <summary>The routes of a service that was deleted, or whose channel is no longer registered.</summary>
public sealed class NoRoutes : IRoutes
{
    public static readonly NoRoutes Instance = new();

    public IEnumerable<(string Lane, string Name)> Lanes => [];

    public bool Has(Receiver receiver) => false;

    public string? LaneOf(IReadOnlyList<Receiver> receivers) => null;

    public Audience AudienceOf(IReadOnlyList<Receiver> receivers) => Audience.One;
}
