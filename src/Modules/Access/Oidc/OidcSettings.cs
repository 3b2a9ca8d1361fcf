using Microsoft.Extensions.Configuration;
using Notify.Kernel;

namespace Notify.Access.Oidc;

/// <summary>The settings under <c>Notify:Oidc</c> (docs/operations.md).</summary>
public sealed record OidcSettings
{
    private const string Section = "Notify:Oidc";

    /// <summary>The provider's address, below which its configuration is published (OpenID Connect Discovery 1.0).</summary>
    public required Uri Authority { get; init; }

    /// <summary>The <c>iss</c> of its tokens.</summary>
    public required string Issuer { get; init; }

    /// <summary>The accepted values of <c>acr</c>, which says how strongly somebody signed in; empty: any.</summary>
    public required IReadOnlyList<string> Acr { get; init; }

    public required string ClientId { get; init; }
    public string? ClientSecret { get; init; }
    public required IReadOnlyList<string> Scopes { get; init; }
    public required string UserNameClaim { get; init; }
    public required string NameClaim { get; init; }
    public required string GroupClaim { get; init; }

    /// <summary>Whether an unknown person is added at the first sign-in, with no roles but those of their groups.</summary>
    public required bool CreateUsers { get; init; }

    /// <summary>The audience of accepted access tokens; null: access tokens are not accepted.</summary>
    public string? Audience { get; init; }

    /// <returns>Null: no identity provider is set up.</returns>
    /// <exception cref="StartException">A setting is missing or invalid.</exception>
    public static OidcSettings? Of(IConfiguration configuration)
    {
        var given = configuration.GetSection(Section);
        if (given["Authority"] is not { Length: > 0 } authority) return null;
        if (!Uri.TryCreate(authority, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttps && !url.IsLoopback))
            throw new StartException($"{Section}:Authority is '{authority}'; it must be an https address.");
        if (given["ClientId"] is not { Length: > 0 } client) throw new StartException($"{Section}:ClientId is missing.");
        var audience = given["Audience"] is { Length: > 0 } named ? named : null;
        // With the same name, a browser's identity token would be accepted as an access token.
        if (audience == client) throw new StartException($"{Section}:Audience must be another name than ClientId.");
        return new OidcSettings
        {
            Authority = url,
            Issuer = given["Issuer"] is { Length: > 0 } issuer ? issuer : authority,
            Acr = [.. (given["Acr"] ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)],
            ClientId = client,
            ClientSecret = SecretOf(given),
            Scopes = [.. (given["Scopes"] ?? "openid profile email").Split(' ', StringSplitOptions.RemoveEmptyEntries)],
            UserNameClaim = given["UserNameClaim"] ?? "preferred_username",
            NameClaim = given["NameClaim"] ?? "name",
            GroupClaim = given["GroupClaim"] ?? "groups",
            CreateUsers = given.GetValue("CreateUsers", false),
            Audience = audience,
        };
    }

    /// <summary>Compares exactly, except for a trailing slash (OpenID Connect Core 1.0, 3.1.3.7).</summary>
    public bool IsIssuer(string? issuer) => issuer is not null && issuer.TrimEnd('/') == Issuer.TrimEnd('/');

    public override string ToString() => $"{ClientId} at {Authority}";

    private static string? SecretOf(IConfigurationSection given)
    {
        if (given["ClientSecretFile"] is not { Length: > 0 } file) return given["ClientSecret"];
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"{Section}:ClientSecretFile cannot be read: {e.Message}", e);
        }
    }
}
