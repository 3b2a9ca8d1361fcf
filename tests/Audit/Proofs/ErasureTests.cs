using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.Erasing;
using Notify.Audit.Proofs.Format;
using Notify.Testing;
using Npgsql;

namespace Notify.Audit.Tests.Proofs;

public sealed class ErasureTests
{
    [Theory]
    [InlineData("li", "Line 1", false)]
    [InlineData("li", "LI, of shift B", true)]
    [InlineData("李", "李四", true)]
    [InlineData("li", "zhang|li|wang", true)]
    [InlineData("li", """{"text":"Call\nli"}""", true)]
    [InlineData("a\"b", """{"text":"a\"b"}""", true)]
    public void a_subject_counts_where_it_stands_by_itself(string subject, string text, bool found) =>
        new Subject(subject).IsIn(text).Should().Be(found);

    [Fact]
    public async Task an_erased_person_is_in_no_table_and_no_export_and_the_proofs_still_hold()
    {
        await using var host = await NotifyHost.StartAsync();
        var example = await Example.MakeAsync(host);
        await host.PostAsync("alarms", new
        {
            alarms = new object[]
            {
                new { name = "Motor too hot", level = "Critical", ackUser = "zhangsan", description = "zhangsan knows it",
                    labels = new Dictionary<string, string> { ["owner"] = "ZhangSan" } },
                new { name = "Pump of zhangsan2", labels = new Dictionary<string, string> { ["$who"] = "zhangsan" } },
            },
        });
        await Eventually.GetAsync(() => host.GetAsync("notifications?status=Delivered"), x => x["items"]!.AsArray().Count == 6);
        var key = NoteKey.Parse(await KeyAsync(host));
        var before = await ExportAsync(host);
        before.Should().Contain("zhangsan").And.Contain("张三");

        (await EraseAsync(host, "zhangsan")).Should().Match<RestAnswer>(x => x.Status == 409 && x.Detail!.Contains("Plant WeCom"));
        await host.SendAsync("DELETE", $"rules/{example.RuleId}", null, "If-Match", "\"1\"");
        await host.SendAsync("DELETE", $"services/{example.ServiceId}", null, "If-Match", "\"1\"");
        foreach (var subject in (string[])["zhangsan", "张三"]) (await EraseAsync(host, subject)).Status.Should().Be(200);

        (await TablesWithAsync(host, "张三")).Should().BeEmpty();
        (await TablesWithAsync(host, "zhangsan")).Should()
            .NotBeEmpty().And.OnlyContain(x => x.Contains("zhangsan2", StringComparison.Ordinal), "another person's name is not touched");
        var result = await host.PostAsync("audit/verify", new { });
        result.ToJsonString().Should().Contain("\"valid\":true");
        var after = await ExportAsync(host);
        after.Replace("zhangsan2", "", StringComparison.Ordinal).Should()
            .NotContainAny("zhangsan", "ZhangSan", "张三").And.Contain("$commitment").And.Contain("audit.personal_data_erased.v1");
        Check(before, key).Should().BeNull("what was exported before is what was recorded");
        Check(after, key).Should().BeNull();
        (await host.GetAsync("notifications?limit=1"))["items"]!.AsArray().Should().ContainSingle("what is left can still be read");
    }

    private static Task<RestAnswer> EraseAsync(NotifyHost host, string subject) =>
        host.SendAsync("POST", "audit/erasures", new { subject, reason = "Left the company, asked for it" });

    private static async Task<string> ExportAsync(NotifyHost host) =>
        await host.Client.GetStringAsync(new Uri("/api/v1/audit/export", UriKind.Relative));

    private static async Task<string> KeyAsync(NotifyHost host)
    {
        await host.SendAsync("GET", "audit/checkpoint");
        return (string)(await host.GetAsync("audit/keys"))["keys"]![0]!["vkey"]!;
    }

    private static string? Check(string export, NoteKey key) =>
        Verifiers.Check(System.Text.Encoding.UTF8.GetBytes(export), "export.ndjson", key).Fault;

    /// <summary>Every row of every table that holds the text, as PostgreSQL would print it.</summary>
    private static async Task<List<string>> TablesWithAsync(NotifyHost host, string text)
    {
        var database = host.Services.GetRequiredService<NpgsqlDataSource>();
        var tables = new List<string>();
        await using (var command = database.CreateCommand(
            "select table_name from information_schema.tables where table_schema = 'notify' and table_type = 'BASE TABLE'"))
        await using (var reader = await command.ExecuteReaderAsync())
            while (await reader.ReadAsync()) tables.Add(reader.GetString(0));
        tables.Should().HaveCountGreaterThan(10);
        var found = new List<string>();
        foreach (var table in tables)
        {
            await using var command = database.CreateCommand($"select x::text from notify.{table} x where x::text ilike $1");
            command.Parameters.AddWithValue($"%{text}%");
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync()) found.Add($"{table}: {reader.GetString(0)}");
        }

        return found;
    }
}
