using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Notify.Kernel.Http;

namespace Notify.Host.Operating;

/// <summary>Says at the start, in a line each, what of its addresses an operator may not have meant.</summary>
internal static class Addresses
{
    public static void TellOfAddresses(this WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Notify.Addresses");
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            var listening = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
            foreach (var line in Of(app.Services.GetRequiredService<PublicAddress>(), listening)) logger.LogWarning("{Remark}", line);
        });
    }

    internal static IEnumerable<string> Of(PublicAddress address, IEnumerable<string> listening)
    {
        var everywhere = listening.Where(x => PublicAddress.IsEverywhere(x) is not null).ToList();
        if (everywhere.Count > 0)
        {
            yield return $"Notify listens on every network of this machine ({string.Join(", ", everywhere)}): "
                + "set ASPNETCORE_URLS to one address, or let only a TLS proxy reach this one";
        }

        if (!address.IsGiven)
            yield return $"Notify__PublicUrl is not set: links in messages point to {address.Url}, which other machines may not be able to open";
    }
}
