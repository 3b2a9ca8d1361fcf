using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Notify.Channels.Messages;
using Notify.Channels.Sending;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;

namespace Notify.Channels.Email;

/// <summary>
/// Sends one mail for each notification, to all of its receivers. The server replies for each: a permanent refusal is a failure, after a temporary
/// one the receiver gets the same mail later, and nobody gets it twice unless the reply to a whole mail was lost.
/// </summary>
internal sealed class EmailDelivery(
    Lazy<OutgoingAddresses> addresses, Func<SecretRef, CancellationToken, ValueTask<string>> reveal, Lazy<KnownSecrets> known, EmailTokens tokens,
    EmailOptions options, TimeProvider time) : IChannelDelivery
{
    public const string Connect = "connect";
    public const string SignIn = "AUTH";
    public const string Sender = "MAIL FROM";
    private const string Recipient = "RCPT TO";
    private const string Words = "DATA";

    private readonly LaneLimits limits = new(options.LimitPerMinute, 0, 0) { InOrder = true, ProbeInterval = options.ProbeInterval };

    public LaneLimits LimitsOf(string lane) => lane.StartsWith($"{EmailChannel.TypeName}/", StringComparison.Ordinal)
        ? limits : throw new InvalidOperationException($"There is no lane '{lane}' here.");

    public async ValueTask<(Dispatch? Dispatch, SendOutcome? Refusal)> PrepareAsync(Letter letter, IRoutes routes, CancellationToken cancellation)
    {
        var settings = ((EmailRoutes)routes).Settings;
        var credentials = await CredentialsOf(settings, cancellation);
        var mail = EmailComposer.Compose(letter, settings);
        return (new Dispatch(
            [EmailComposer.Written(mail)], (_, token) => SendAsync(mail, letter, settings, credentials, token), RepeatIsSafe: false), null);
    }

    public MessageForm? NextForm(MessageForm current, string format, SendOutcome outcome) =>
        MessageForms.Next(current, isPlain: format == PlainFormat.FormatName, canBeShorter: false, outcome);

    /// <returns>Null if the service does not sign in.</returns>
    public async ValueTask<EmailCredentials?> CredentialsOf(EmailSettings settings, CancellationToken cancellation)
    {
        if (settings.UserName is null) return null;
        if (settings is { Authentication: EmailSettings.Renewed, Oauth2: { } oauth2 })
        {
            return new(null, new(
                new Uri(oauth2.TokenEndpoint), oauth2.ClientId, await OpenAsync(oauth2.ClientSecret),
                oauth2.Grant == EmailOauth2.ByRefreshToken ? await OpenAsync(oauth2.RefreshToken) : null, oauth2.Scope));
        }

        return await OpenAsync(settings.Password) is { } password ? new(password, null) : null;

        async ValueTask<string?> OpenAsync(SecretRef? secret)
        {
            if (secret is null) return null;
            var value = await reveal(secret, cancellation);
            known.Value.Add(value);
            return value;
        }
    }

    private async Task<SendOutcome> SendAsync(
        MimeMessage mail, Letter letter, EmailSettings settings, EmailCredentials? credentials, CancellationToken cancellation)
    {
        var signIn = await SignInOf(credentials, cancellation);
        if (signIn.Failure is not null) return signIn.Failure;
        using var client = new EmailClient(settings, addresses.Value);
        var (judged, later, call, words) = (new List<ReceiverOutcome>(), (EmailReply?)null, Connect, "");
        try
        {
            await client.ConnectAsync(cancellation);
            call = SignIn;
            if (signIn.Password is { } password) await client.SignInAsync(settings.UserName!, password, cancellation);
            call = Words;
            mail.Date = time.GetUtcNow();
            foreach (var some in letter.Receivers.Select(x => x.Account!).Chunk(options.RecipientsPerMail))
            {
                try
                {
                    words = await client.SendAsync(mail, some, cancellation);
                }
                catch (SmtpCommandException e) when (client.Refused.Count == some.Length && e.ErrorCode == SmtpErrorCode.MessageNotAccepted)
                {
                    // No recipient was left.
                }

                foreach (var address in some)
                {
                    var reply = client.Refused.FirstOrDefault(x => x.Address == address).Reply;
                    if (reply is { IsPassing: true }) later ??= reply;
                    else judged.Add(reply is null ? Of(address, ReceiverOutcome.Delivered) : Of(address, ReceiverOutcome.Failed, reply));
                }
            }

            await client.LeaveAsync();
            return Together(judged, later, words);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested && !client.HasSentWords && judged.Count == 0)
        {
            throw;
        }
        catch (AuthenticationException e) when (signIn.Token is { } token)
        {
            tokens.Refuse(credentials!.Grant!, token);
            var refusal = OutcomeOf(e, call, hasSentWords: false);
            // The token may have been revoked since it was fetched; the next attempt fetches a new one.
            return signIn.IsHeld ? refusal with { Class = OutcomeClass.Retry } : refusal;
        }
        catch (Exception e)
        {
            return AfterSome(judged, OutcomeOf(e, call, client.HasSentWords));
        }
    }

    /// <param name="Password">The password or the access token; null: the service does not sign in, or there is a failure.</param>
    /// <param name="Token">The token in <paramref name="Password"/>; null: it is a password.</param>
    /// <param name="IsHeld">As in <see cref="EmailTokens.Result"/>.</param>
    public readonly record struct SigningIn(string? Password, EmailToken? Token = null, bool IsHeld = false, SendOutcome? Failure = null);

    /// <summary>Returns what to sign in with; fetches an access token if none is cached.</summary>
    public async Task<SigningIn> SignInOf(EmailCredentials? credentials, CancellationToken cancellation)
    {
        if (credentials?.Grant is not { } grant) return new(credentials?.Password);
        var (token, failure, isHeld) = await tokens.GetAsync(grant, cancellation);
        return new(token?.Value, token, isHeld, failure);
    }

    private SendOutcome Together(List<ReceiverOutcome> judged, EmailReply? later, string words)
    {
        var failed = judged.Where(x => x.Outcome == ReceiverOutcome.Failed).ToList();
        if (later is null && failed.Count == 0) return new(OutcomeClass.Ok) { Call = Words, PlatformMessage = Strike(words) };
        // No RetryAfter, so that it is retried as soon as after other faults: a greylisted mail is accepted once the server's delay is over.
        if (later is not null) return Of(OutcomeClass.Retry, Recipient, later) with { Receivers = judged, IsJudgedByReceiver = judged.Count > 0 };
        if (failed.Count < judged.Count)
            return new(OutcomeClass.Partial) { Call = Words, PlatformMessage = Strike(words), Receivers = judged, IsJudgedByReceiver = true };
        return new(OutcomeClass.Receiver)
        {
            Call = Recipient,
            PlatformCode = failed[0].PlatformCode,
            PlatformMessage = failed[0].PlatformMessage,
            Receivers = judged,
            IsJudgedByReceiver = true,
        };
    }

    /// <summary>For a mail with so many receivers that it was sent as several: keeps the outcomes of the earlier ones.</summary>
    private static SendOutcome AfterSome(List<ReceiverOutcome> judged, SendOutcome outcome) => judged.Count == 0 ? outcome : outcome with
    {
        Class = outcome.Class == OutcomeClass.Unknown ? OutcomeClass.Retry : outcome.Class,
        MayHaveArrived = outcome.MayHaveArrived || outcome.Class == OutcomeClass.Unknown,
        Receivers = judged,
        IsJudgedByReceiver = true,
    };

    /// <summary>Classifies a failure.</summary>
    public SendOutcome OutcomeOf(Exception failure, string call, bool hasSentWords) => failure switch
    {
        SmtpCommandException e => OfReply(e, call),
        ServiceNotAuthenticatedException e => Of(OutcomeClass.Configuration, Sender, EmailReply.Of(530, e.Message)),
        AuthenticationException e => EmailReply.Parse(e.Message) is { } reply
            ? Of(reply.IsPassing ? OutcomeClass.Retry : OutcomeClass.Configuration, SignIn, reply)
            : Of(OutcomeClass.Configuration, SignIn, EmailTexts.NotSignedIn, e),
        SslHandshakeException e => Of(OutcomeClass.Configuration, Connect, EmailTexts.NoTrust, e),
        NotSupportedException e when call == SignIn => Of(OutcomeClass.Configuration, SignIn, EmailTexts.NoMechanism, e),
        NotSupportedException e when call == Connect => Of(OutcomeClass.Configuration, Connect, EmailTexts.NoStartTls, e),
        NotSupportedException e => Of(OutcomeClass.Receiver, call, EmailTexts.NoUnicode, e),
        _ => new(hasSentWords ? OutcomeClass.Unknown : OutcomeClass.Retry)
        {
            Call = call,
            PlatformMessage = failure is OperationCanceledException ? "no answer in time" : Strike(failure.GetBaseException().Message),
            MayHaveArrived = hasSentWords,
        },
    };

    private SendOutcome OfReply(SmtpCommandException refusal, string call)
    {
        var reply = EmailReply.Of((int)refusal.StatusCode, refusal.Message);
        if (refusal.ErrorCode == SmtpErrorCode.SenderNotAccepted) call = Sender;
        if (reply.IsPassing) return Of(OutcomeClass.Retry, call, reply);
        var isSize = reply is { Enhanced: "5.3.4" or "5.2.3" } or { Status: 552, Enhanced: null };
        if (call != Words && !isSize) return Of(OutcomeClass.Configuration, call, reply);
        return Of(OutcomeClass.Message, call, reply) with
        {
            // RFC 3463: 5.6 concerns the mail's format, which may be due to its HTML; 5.7 is a policy, which may concern its text.
            Remedy = isSize || reply.Code is "554" or "550" || reply.Code.StartsWith("5.7.", StringComparison.Ordinal) ? Remedy.Minimal
                : reply.Code.StartsWith("5.6.", StringComparison.Ordinal) ? Remedy.PlainText
                : Remedy.None,
        };
    }

    private SendOutcome Of(OutcomeClass what, string call, EmailReply reply) =>
        new(what) { Call = call, PlatformCode = reply.Code, PlatformMessage = Strike(reply.Line) };

    private SendOutcome Of(OutcomeClass what, string call, string code, Exception e) =>
        new(what) { Call = call, PlatformCode = code, PlatformMessage = Strike(e.GetBaseException().Message) };

    private ReceiverOutcome Of(string address, string outcome, EmailReply? reply = null) =>
        new(address, outcome, reply?.Code, EmailChannel.Address, reply is null ? null : Strike(reply.Line));

    private string Strike(string text) => known.Value.Strike(text);
}

/// <summary>The credentials of a service: a password or a grant.</summary>
internal sealed record EmailCredentials(string? Password, EmailGrant? Grant)
{
    public override string ToString() => Grant is null ? "password" : "access token";
}
