using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Notify.Access.Credentials;
using Notify.Kernel;
using Notify.Testing;
using Npgsql;

namespace Notify.Access.Tests;

/// <summary>What somebody can do with a copy of the database, or with a password for it.</summary>
public sealed class StolenCredentialsTests : IAsyncLifetime
{
    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task a_stolen_database_holds_no_password_hash_secret_code_or_key()
    {
        using var browser = await host.SignedInAsync("li.na");
        var (secret, recovery) = await SecondFactor.SecondFactorTests.SetUpAsync(browser);
        var account = await host.Services.GetRequiredService<Accounts>().ReadAsync(
            (string)(await browser.SendAsync("GET", "session")).Body["id"]!, CancellationToken.None);
        var vault = host.Services.GetRequiredService<Notify.Kernel.Secrets.SecretVault>();
        var hash = await vault.RevealForAsync(account!.UserId, account.Credential.Password!, CancellationToken.None);
        hash.Should().StartWith("AQAAAA", "it is Identity's hash, of version 3");

        var text = await EverythingAsync();
        foreach (var (what, found) in new[]
        {
            ("the password", SigningIn.Password), ("its hash", hash), ("the salt", hash[18..40]), ("the secret", secret), ("a recovery code", recovery[0]),
            ("a recovery code", recovery[0].Replace("-", "", StringComparison.Ordinal)), ("a key of cookies", "<masterKey"), ("a cookie", browser.CookieHeader[7..60]),
        })
        {
            text.Contains(found, StringComparison.Ordinal).Should().BeFalse(what);
        }

        text.Should().Contain("access.password_set.v1").And.Contain(account.Credential.Password!.Ref);
    }

    [Fact]
    public async Task a_password_that_is_written_into_another_ones_events_opens_nothing()
    {
        var mine = await host.MakePersonAsync("mallory");
        var boss = await host.MakePersonAsync("boss", "administrator", "another four lucid tapirs");
        // Who can write to the database lets the boss's event name the password that Mallory knows.
        (await host.ChangeAsync(
            $"""
            update notify.mt_events set data = (select data from notify.mt_events where stream_id = '{Account.CredentialStream(mine)}')
            where stream_id = '{Account.CredentialStream(boss)}'
            """)).Should().Be(1);
        await using var other = await NotifyHost.StartAsync(sameStoreAs: host);
        using var browser = new Browser(other.Url);
        (await browser.SendAsync("POST", "session", new { userName = "boss", password = SigningIn.Password })).Status.Should().Be(401);

        var check = other.Services.GetServices<Notify.Kernel.Events.IHistoryCheck>().Single(x => x is SealedCredentials);
        await using var snapshot = await other.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        (await check.CheckAsync(snapshot, CancellationToken.None)).Select(x => x.StreamId).Should().Equal(Account.CredentialStream(boss));
    }

    [Fact]
    public async Task an_account_with_an_event_that_cannot_be_read_opens_nothing_and_harms_no_other()
    {
        var id = await host.MakePersonAsync("li.na");
        using var wang = await host.SignedInAsync("wang");
        await host.ChangeAsync($$"""update notify.mt_events set data = '{"password": 7}' where stream_id = '{{Account.CredentialStream(id)}}'""");
        await using var other = await NotifyHost.StartAsync(sameStoreAs: host);
        using var browser = new Browser(other.Url);
        (await browser.SendAsync("POST", "session", new { userName = "li.na", password = SigningIn.Password })).Status.Should().Be(401);
        await browser.SignInAsync("wang", SigningIn.Password);
    }

    /// <summary>Every row of every table as text, and bytes as Latin-1 too.</summary>
    private async Task<string> EverythingAsync()
    {
        var database = host.Services.GetRequiredService<NpgsqlDataSource>();
        var (tables, text) = (new List<string>(), new StringBuilder());
        await using (var command = database.CreateCommand(
            "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname in ('notify', 'wolverine') order by 1"))
        await using (var reader = await command.ExecuteReaderAsync())
            while (await reader.ReadAsync()) tables.Add(reader.GetString(0));
        tables.Should().Contain($"{Database.Schema}.secret").And.HaveCountGreaterThan(25);
        foreach (var table in tables)
        {
            await using var command = database.CreateCommand($"select x::text, x.* from {table} x");
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                text.AppendLine(reader.GetString(0));
                for (var i = 1; i < reader.FieldCount; i++)
                {
                    if (reader.GetDataTypeName(i) != "bytea" || reader.IsDBNull(i)) continue;
                    text.AppendLine(Encoding.Latin1.GetString(reader.GetFieldValue<byte[]>(i)));
                }
            }
        }

        return text.ToString();
    }
}
