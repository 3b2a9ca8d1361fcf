using Notify.Peers.Oidc;

namespace Notify.Access.Tests.Oidc;

/// <summary>A shared host at which people of an identity provider sign in.</summary>
public class ProviderHost : SharedHost
{
    public IdentityProvider Provider { get; private set; } = null!;

    protected override string[] Settings => SettingsOf(Provider);

    public static string[] SettingsOf(IdentityProvider provider) =>
    [
        $"Notify:Oidc:Authority={provider.Url}", $"Notify:Oidc:ClientId={IdentityProvider.ClientId}",
        $"Notify:Oidc:ClientSecret={IdentityProvider.ClientSecret}", $"Notify:Oidc:Audience={IdentityProvider.Audience}",
        "Notify:Oidc:CreateUsers=true",
    ];

    public override async Task InitializeAsync()
    {
        Provider = await IdentityProvider.StartAsync();
        Provider.Clock = Clock;
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await Provider.DisposeAsync();
    }
}
