using Microsoft.AspNetCore.Builder;

namespace Notify.Kernel.Http;

/// <summary>The answer of the endpoint shows stored secrets by their fingerprints. Who reads it is on record.</summary>
public sealed record FingerprintsShown;

public static class ShownFingerprints
{
    public static T ShowsFingerprints<T>(this T endpoint)
        where T : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new FingerprintsShown());
}
