using System.Runtime.CompilerServices;
using Notify.Channels.Connections;
using Notify.Channels.Sending;
using Notify.Channels.Texts;
using Notify.Kernel.Http;

namespace Notify.Channels.Email;

/// <summary>Connects, signs in, and checks that the server accepts the sender address, without sending a mail. Shows the dialogue.</summary>
internal sealed class EmailConnectionTest(Lazy<OutgoingAddresses> addresses, EmailDelivery delivery, EmailTexts texts) : IConnectionTest
{
    public async IAsyncEnumerable<ConnectionCheck> TestAsync(IRoutes routes, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var settings = ((EmailRoutes)routes).Settings;
        var credentials = await delivery.CredentialsOf(settings, cancellation);
        var signIn = await delivery.SignInOf(credentials, cancellation);
        if (credentials?.Grant is { } grant)
        {
            yield return signIn.Failure is { } failure
                ? new(EmailTokens.Call, false, [failure.PlatformMessage ?? ""], failure.PlatformCode, Of(failure.PlatformCode))
                : new(EmailTokens.Call, true, [$"{grant.Endpoint.Host}: {signIn.Token}"]);
            if (signIn.Failure is not null) yield break;
        }

        using var client = new EmailClient(settings, addresses.Value);
        var connected = await TryAsync(EmailDelivery.Connect, () => client.ConnectAsync(cancellation));
        yield return connected;
        if (connected.Passed != true) yield break;
        if (signIn.Password is { } password)
        {
            var signedIn = await TryAsync(EmailDelivery.SignIn, () => client.SignInAsync(settings.UserName!, password, cancellation));
            yield return signedIn;
            if (signedIn.Passed != true) yield break;
        }

        EmailReply? reply = null;
        var sender = await TryAsync(EmailDelivery.Sender, async () => reply = await client.TrySenderAsync(cancellation));
        yield return reply is { Status: >= 400 } refused
            ? sender with { Passed = false, Code = refused.Code, Explained = texts.Explain(refused.Code) } : sender;
        await client.LeaveAsync();

        async Task<ConnectionCheck> TryAsync(string call, Func<Task> ask)
        {
            try
            {
                await ask();
                return new(call, true, client.Talk.TakeLines());
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested)
            {
                var outcome = delivery.OutcomeOf(e, call, hasSentWords: false);
                return new(call, false, [.. client.Talk.TakeLines(), outcome.PlatformMessage ?? ""], outcome.PlatformCode,
                    Of(outcome.PlatformCode));
            }
        }
    }

    private Explained? Of(string? code) => code is null ? texts.Unreachable : texts.Explain(code);
}
