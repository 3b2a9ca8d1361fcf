using System.Text;
using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Access.Tests.People;

/// <summary>People come from files and go into files, row by row.</summary>
public sealed class PeopleImportTests : IAsyncLifetime
{
    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    private Task<RestAnswer> ImportAsync(string text, string mode, HttpClient? client = null) =>
        ImportAsync(client ?? host.Client, text, mode);

    internal static async Task<RestAnswer> ImportAsync(HttpClient client, string text, string mode)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(Encoding.UTF8.GetBytes(text)), "file", "people.csv" } };
        return await client.SendToAsync("POST", $"users/import?mode={mode}", form);
    }

    [Fact]
    public async Task a_preview_says_what_a_merge_does_and_each_row_that_does_not_fit_has_its_reason()
    {
        await host.PostAsync("users", new { userName = "li.si", name = "李四", email = "old@example.com", roles = new[] { "viewer" } });
        const string file = """
            用户名,姓名,邮箱,手机,角色,登录方式
            LI.SI,李四,new@example.com,,,
            wang.wu,王五,,="+8613800138000",operator;viewer,password
            x,Too short,,,,
            zhao,赵六,nobody,,,
            sun,孙七,,,chief,
            wang.wu,Twice,,,,
            """;
        foreach (var mode in (string[])["preview", "merge"])
        {
            var answer = await ImportAsync(file, mode);
            answer.Status.Should().Be(200, answer.Text);
            ((int)answer.Body["rows"]!, (int)answer.Body["added"]!, (int)answer.Body["updated"]!).Should().Be((6, 1, 1), answer.Text);
            answer.Body["skipped"]!.AsArray().Select(x => (int)x!["row"]!).Should().Equal([4, 5, 6, 7], mode);
            answer.Body["skipped"]!.AsArray().Select(x => (string)x!["reason"]!).Should().SatisfyRespectively(
                x => x.Should().StartWith("userName: "), x => x.Should().StartWith("email: "), x => x.Should().StartWith("roles[0]: There is no role 'chief'"),
                x => x.Should().Be("The user name is already in row 3."));
            (await host.GetAsync("users"))["total"]!.GetValue<int>().Should().Be(mode == "preview" ? 1 : 2);
        }

        var wang = (await host.GetAsync("users?search=wang.wu"))["items"]![0]!;
        ((string?)wang["mobile"], (string?)wang["signIn"]).Should().Be(("+8613800138000", "password"));
        wang["roles"]!.AsArray().Select(x => (string?)x).Should().Equal("operator", "viewer");
        var li = (await host.GetAsync("users?search=li.si"))["items"]![0]!;
        ((string?)li["email"], (string?)li["roles"]![0], (string?)li["userName"]).Should().Be(("new@example.com", "viewer", "LI.SI"));
        (await ImportAsync(file, "merge")).Body["unchanged"]!.GetValue<int>().Should().Be(2, "nothing is new");
        (await Eventually.GetAsync(() => host.GetAsync("audit?type=access.people_imported.v1"), x => x["items"]!.AsArray().Count == 2))["items"]![0]!["summary"]!
            .GetValue<string>().Should().StartWith("People were imported from people.csv, 1 added, 1 updated, 4 skipped");
    }

    [Fact]
    public async Task what_is_exported_can_be_imported_again_and_nothing_in_it_is_calculated()
    {
        await host.PostAsync("users", new
        {
            userName = "li.si",
            name = "=HYPERLINK(\"x\"), 李四",
            mobile = "+8613800138000",
            roles = new[] { "viewer", "operator" },
            paths = new[] { "Site1/**" },
        });
        var text = (await host.SendAsync("GET", "users/export")).Text;
        text.Should().Contain("\"=\"\"+8613800138000\"\"\"").And.NotContain(",=HYPER").And.NotContain("\n=");
        var again = await ImportAsync(text, "merge");
        (again.Status, (int)again.Body["unchanged"]!).Should().Be((200, 1), again.Text);
    }

    [Fact]
    public async Task nobody_imports_what_they_do_not_have()
    {
        using var keeper = await host.ClientOfKeyAsync(new { name = "keeper", permissions = new[] { "people.read", "people.manage" } });
        foreach (var mode in (string[])["preview", "merge"])
        {
            var answer = await ImportAsync("userName,name,roles\na.b,A,administrator\nc.d,C,\n", mode, keeper);
            ((int)answer.Body["added"]!, (string)answer.Body["skipped"]![0]!["reason"]!).Should().Match<(int Added, string Reason)>(
                x => x.Added == 1 && x.Reason.StartsWith("This gives or takes permissions that you do not have yourself"));
        }

        (await host.GetAsync("users"))["total"]!.GetValue<int>().Should().Be(1);
    }
}
