using Notify.Contracts.Rules;

namespace Notify.Channels;

/// <summary>
/// One service as its channel reads it: whom it reaches. Immutable, and made once for a version of the service, since it is asked for each alarm.
/// </summary>
public interface IRoutes
{
    bool Has(Receiver receiver);
}

/// <summary>Those of a service that reaches nobody.</summary>
internal sealed class NoRoutes : IRoutes
{
    public static readonly NoRoutes Instance = new();

    public bool Has(Receiver receiver) => false;
}
