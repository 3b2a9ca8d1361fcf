using System.Diagnostics;
using Notify.Peers.WeCom;
using Notify.Testing;
using Npgsql;

namespace Notify.Acceptance.Tests;

/// <summary>In production the schema is made ahead, by a role that may, and Notify runs as one that may only read and write.</summary>
public sealed class SchemaTests
{
    [Fact]
    public async Task without_a_schema_it_says_what_to_do_and_when_db_apply_has_made_it_the_running_role_needs_no_right_to_change_it()
    {
        await using var weCom = await WeComStandIn.StartAsync(options => options.AcceptAnyRobot = true);
        await using var database = await PrivatePostgres.StartNewAsync();
        var starting = () =>
            NotifyProcess.StartNewAsync(weCom.BaseUrl, $"ConnectionStrings:Notify={database.ConnectionString}", "Notify:CreateSchema=false");
        (await starting.Should().ThrowAsync<InvalidOperationException>()).Which.Message.Should()
            .Contain("Notify.Host.dll db-apply").And.Contain("ended with 1");

        (await RunHostAsync("db-apply", database.ConnectionString)).Should().Be(0);
        // As docs/operations.md says.
        await database.ExecuteInNotifyAsync(
            """
            create role notify_app login password 'app';
            grant usage on schema notify, wolverine to notify_app;
            grant select, insert, update, delete on all tables in schema notify, wolverine to notify_app;
            grant usage, select on all sequences in schema notify, wolverine to notify_app;
            grant execute on all functions in schema notify, wolverine to notify_app;
            """);
        var running = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = "notify_app", Password = "app" }.ConnectionString;

        await using var notify = await NotifyProcess.StartNewAsync(weCom.BaseUrl, $"ConnectionStrings:Notify={running}", "Notify:CreateSchema=false");
        await Example.MakeAsync(notify.Client, weCom, [new { kind = "bot", alias = "Line 1" }]);
        await notify.Client.PostToAsync("alarms", new { alarms = new[] { new { name = "Motor" } } });
        await weCom.WaitForCountersAsync(x => x.Shown == 1);
        notify.Output.Should().NotContain("permission denied");
    }

    private static async Task<int> RunHostAsync(string command, string connectionString)
    {
        var data = Directory.CreateTempSubdirectory("notify-schema-");
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Notify.Host.dll"), command])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true
        };
        start.Environment["ConnectionStrings__Notify"] = connectionString;
        start.Environment["Notify__DataDirectory"] = data.FullName;
        using var process = Process.Start(start)!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        data.GetFileSystemInfos().Should().BeEmpty("who makes the schema needs no key, and makes none");
        data.Delete(recursive: true);
        return process.ExitCode;
    }
}
