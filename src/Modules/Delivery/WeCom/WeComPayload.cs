namespace Notify.Delivery.WeCom;

/// <summary>One request to the platform, and so one message of the pace.</summary>
/// <param name="Body">The JSON body, UTF-8. The same notification always gives the same bytes, which the platform's duplicate check needs.</param>
/// <param name="Format">The platform's <c>msgtype</c>, which may differ from what was asked for.</param>
/// <param name="Accounts">Whom an app's message goes to; empty for robots.</param>
public sealed record WeComPayload(ReadOnlyMemory<byte> Body, string Format, IReadOnlyList<string> Accounts);
