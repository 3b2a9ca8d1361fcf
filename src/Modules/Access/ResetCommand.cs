using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Notify.Access.Credentials;
using Notify.Access.Passwords;
using Notify.Access.People;
using Notify.Access.Policies;
using Notify.Access.Verifying;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;

namespace Notify.Access;

/// <summary>
/// <c>Notify.Host access reset &lt;userName&gt;</c>: whoever controls the machine gives a person a one-time password, enables them and removes their
/// second factor and passkeys; for a last administrator who has lost their credentials. <c>access reset --approvals</c>: no change needs approval any
/// more; for when only one person is left.
/// </summary>
public static class ResetCommand
{
    /// <summary>The argument in place of a user name.</summary>
    public const string Approvals = "--approvals";

    private static readonly Actor machine = new("machine", "machine command", Actor.SystemKind);

    public static bool IsNamed(string[] args) => args is ["access", ..];

    /// <returns>The exit code; 0: done.</returns>
    public static async Task<int> RunAsync(IHost app, string[] args)
    {
        if (args is not ["access", "reset", var what, ..] || (what.StartsWith('-') && what != Approvals))
        {
            await Console.Error.WriteLineAsync($"Usage: Notify.Host access reset <userName>, or access reset {Approvals}");
            return 1;
        }

        await app.StartAsync();
        try
        {
            await using var scope = app.Services.CreateAsyncScope();
            var audit = new AuditContext(
                machine, Ids.NewGuid(scope.ServiceProvider.GetRequiredService<TimeProvider>().GetUtcNow()).ToString("N"),
                Reason: $"command access reset{(what == Approvals ? $" {Approvals}" : "")}, by {Environment.UserName} on {Environment.MachineName}");
            await Console.Out.WriteLineAsync(what == Approvals
                ? await ResetApprovalsAsync(scope.ServiceProvider, audit, CancellationToken.None)
                : $"""

                The password of {what} for the next sign-in, at which another one must be chosen:

                    {await ResetAsync(scope.ServiceProvider, what, audit, CancellationToken.None)}

                """);
            return 0;
        }
        catch (ProblemException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
        finally
        {
            await app.StopAsync();
        }
    }

    /// <summary>Removes the need for approvals; the rules for signatures and reasons stay.</summary>
    /// <returns>What was done.</returns>
    /// <exception cref="ProblemException">409: an event of the policy was changed in the database.</exception>
    public static async Task<string> ResetApprovalsAsync(IServiceProvider services, AuditContext audit, CancellationToken cancellation)
    {
        var policy = services.GetRequiredService<ChangePolicy>();
        var now = await policy.ReadAsync(cancellation);
        if (now.Kinds.Count == 0) return "No change needs approval: nothing was done.";
        await policy.ChangeAsync(new([], now.Signature, now.Reason, now.ReasonKinds), ExpectedVersion.Any, audit, cancellation);
        return $"From now on no change needs approval. Before, these did: {string.Join(", ", now.Kinds)}. PUT /api/v1/approval-policy sets it again.";
    }

    /// <returns>The password.</returns>
    /// <exception cref="ProblemException">404: there is no such user; 409: they do not sign in by password.</exception>
    public static async Task<string> ResetAsync(IServiceProvider services, string userName, AuditContext audit, CancellationToken cancellation)
    {
        var user = (await services.GetRequiredService<PeopleCache>().ReadAsync(cancellation)).FindUserNamed(userName)
            ?? throw ProblemException.NotFound("user", userName);
        if (user.Settings.SignIn != SignInMethod.Password)
            throw ProblemException.Conflict("This person does not sign in by password. Set signIn to password first.");
        if (!user.Enabled) await services.GetRequiredService<ResourceStore<User, UserSettings>>()
            .SwitchAsync(user.Id, ExpectedVersion.Any, enable: true, audit, cancellation);
        var password = OneTimePassword.New();
        var hashes = services.GetRequiredService<PasswordHashes>();
        await services.GetRequiredService<Accounts>().ChangeAsync(user.Id, (account, session) =>
        {
            SecretVault.Destroy(session, account.Credential.Secrets, []);
            return
            [
                new PasswordSet(user.Name, hashes.Store(session, user.Id, password), MustChange: true),
                .. account.Credential.SecondFactor is null ? Array.Empty<object>() : [new SecondFactorDisabled()],
                .. account.Credential.Passkeys.Select(x => new PasskeyRemoved(x.Id)),
                new SessionsEnded(user.Name, "reset"),
            ];
        }, audit, cancellation);
        return password;
    }
}
