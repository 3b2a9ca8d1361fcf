using System.Text.Json.Nodes;
using Notify.Channels.Fields;
using Notify.Channels.Http;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;

namespace Notify.Channels.Email;

/// <summary>The client that fetches access tokens (RFC 6749).</summary>
/// <param name="Grant"><see cref="ByClient"/> or <see cref="ByRefreshToken"/>.</param>
/// <param name="ClientSecret">Null: the client has none, which a client with a refresh token need not have.</param>
/// <param name="Scope">Null: the provider's default.</param>
internal sealed record EmailOauth2(
    string TokenEndpoint, string ClientId, string Grant, SecretRef? ClientSecret = null, SecretRef? RefreshToken = null, string? Scope = null)
{
    public const string ByClient = "clientCredentials";
    public const string ByRefreshToken = "refreshToken";

    /// <param name="server">The fields that decide which mail server gets the access tokens.</param>
    public static IReadOnlyList<Field> FieldsOf(OutgoingAddresses addresses, bool allowHttp, IReadOnlyList<string> server) =>
    [
        Field.Text("tokenEndpoint", "Token endpoint", "令牌端点", required: true) with
        {
            Max = 2000,
            Fault = x => EnteredAddress.FaultOf(x, addresses, allowHttp),
            Help = new(
                "Microsoft: https://login.microsoftonline.com/<tenant>/oauth2/v2.0/token; Google: https://oauth2.googleapis.com/token.",
                "微软：https://login.microsoftonline.com/<租户>/oauth2/v2.0/token；谷歌：https://oauth2.googleapis.com/token。"),
        },
        Field.Text("clientId", "Client ID", "客户端 ID", required: true) with { Fault = EmailSettings.FaultOfLine },
        Field.Choice("grant", "Grant", "授权方式", ByClient,
            new Choice(ByClient, "The client itself (client credentials)", "客户端自身（client credentials）"),
            new Choice(ByRefreshToken, "A refresh token", "刷新令牌（refresh token）")),
        Field.Secret("clientSecret", "Client secret", "客户端密钥") with
        {
            Max = 4000,
            Destination = new([.. server, "oauth2.tokenEndpoint"], IsUsed),
        },
        Field.Secret("refreshToken", "Refresh token", "刷新令牌") with
        {
            Max = 4000,
            RequiredIf = ("grant", ByRefreshToken),
            Destination = new(
                [.. server, "oauth2.tokenEndpoint", "oauth2.grant"], x => IsUsed(x) && (string?)x["oauth2"]?["grant"] == ByRefreshToken),
            Help = new("It must remain valid after it is used.", "该令牌使用后须仍然有效。"),
        },
        Field.Text("scope", "Scope", "权限范围（scope）") with
        {
            Max = 1000,
            Fault = EmailSettings.FaultOfLine,
            Help = new("Microsoft: https://outlook.office365.com/.default; Google: https://mail.google.com/.",
                "微软：https://outlook.office365.com/.default；谷歌：https://mail.google.com/。"),
        },
    ];

    private static bool IsUsed(JsonObject settings) => (string?)settings["authentication"] == EmailSettings.Renewed;

    public void Check(Errors errors)
    {
        if (Grant == ByClient && ClientSecret is null) errors.Add("oauth2.clientSecret", JsonShape.Required);
    }
}
