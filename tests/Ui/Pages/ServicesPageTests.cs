using System.Text.Json.Nodes;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel.Http;
using Notify.Services.Pages;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Pages;

/// <summary>The form of a service while accounts are imported.</summary>
public sealed class ServicesPageTests : ComponentTest
{
    private static readonly string[] reads = ["GET services/s1"];
    private bool isProposal;
    private int version = 3;

    public ServicesPageTests() => Answer = asked =>
    {
        Status = 200;
        if (asked.Contains("mode=merge", StringComparison.Ordinal))
        {
            if (isProposal) (Status, Location) = (202, "/api/v1/proposals/p1");
            else version++;
        }

        if (asked.Contains("services/accounts/import/preview", StringComparison.Ordinal)) return JsonNode.Parse("""
            { "file": "a.csv", "rows": 3, "skipped": [{ "row": 4, "account": null, "reason": "The account is missing." }],
              "accounts": [{ "row": 2, "account": "ZhangSan", "name": "张三" }, { "row": 3, "account": "lisi", "name": "李四" }] }
            """);
        var removes = asked.Contains("replace", StringComparison.Ordinal);
        if (asked.Contains("/accounts/import", StringComparison.Ordinal)) return new JsonObject
        {
            ["mode"] = "merge",
            ["file"] = "a.csv",
            ["rows"] = 1,
            ["added"] = 1,
            ["updated"] = 0,
            ["unchanged"] = 0,
            ["removed"] = removes ? 2 : 0,
            ["skipped"] = new JsonArray(),
            ["changes"] = removes ? JsonNode.Parse("""[{ "account": "zhaoliu", "from": "赵六", "to": null }, { "account": "sunqi", "from": "孙七", "to": null }]""") : new JsonArray(),
            ["version"] = version,
        };
        return asked == "GET services/s1" ? Service() : new JsonObject { ["items"] = new JsonArray(), ["total"] = 0 };
    };

    private JsonObject Service() => new()
    {
        ["id"] = "s1",
        ["type"] = "wecom",
        ["version"] = version,
        ["name"] = $"Plant {version}",
        ["description"] = "",
        ["status"] = "Enabled",
        ["wecom"] = new JsonObject { ["sendTo"] = new JsonArray("account"), ["accounts"] = new JsonArray() },
    };

    private BunitNavigationManager Navigation => Services.GetRequiredService<BunitNavigationManager>();

    private IRenderedComponent<ServicesPage> ShowDialog(string? name = null, string button = "Import")
    {
        Navigation.NavigateTo("services/s1");
        var page = Render<ServicesPage>(x => x.Add(y => y.Id, "s1"));
        page.WaitForState(() => Name(page).Length > 0);
        if (name is not null) NameField(page).Input(name);
        page.FindAll("button").First(x => x.TextContent == button).Click();
        Asked.Clear();
        return page;
    }

    private static AngleSharp.Dom.IElement NameField(IRenderedComponent<ServicesPage> page) =>
        page.FindAll("label").First(x => x.TextContent.StartsWith("Name", StringComparison.Ordinal)).ParentElement!.QuerySelector("input")!;

    private static string Name(IRenderedComponent<ServicesPage> page) =>
        page.FindAll("label").Any(x => x.TextContent.StartsWith("Name", StringComparison.Ordinal))
            ? NameField(page).GetAttribute("value") ?? "" : "";

    private string Import(IRenderedComponent<ServicesPage> page)
    {
        var dialog = page.FindComponent<ImportAccountsDialog>();
        dialog.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText("account", "a.csv"));
        dialog.WaitForState(() => !dialog.Find("button.primary").HasAttribute("disabled"));
        dialog.Find("button.primary").Click();
        page.WaitForState(() => !page.HasComponent<ImportAccountsDialog>());
        return Services.GetRequiredService<Notices>().Current!.Text;
    }

    [Fact]
    public void closing_the_import_without_importing_keeps_what_was_entered()
    {
        var page = ShowDialog("Renamed");
        page.FindComponent<ImportAccountsDialog>().FindAll("button").First(x => x.TextContent == "Cancel").Click();
        page.HasComponent<ImportAccountsDialog>().Should().BeFalse();
        Name(page).Should().Be("Renamed");
        Asked.Should().BeEmpty();
        Navigation.History.Should().ContainSingle("the page is not left");
    }

    [Fact]
    public void after_an_import_the_form_shows_the_new_version()
    {
        var page = ShowDialog();
        Import(page).Should().Be("Imported: 1 added, 0 updated, 0 unchanged, 0 removed, 0 skipped.");
        Name(page).Should().Be("Plant 4");
    }

    [Fact]
    public void after_an_import_unsaved_changes_are_kept_and_it_says_so()
    {
        var page = ShowDialog("Renamed");
        Import(page).Should().Contain("unsaved changes");
        Name(page).Should().Be("Renamed");
        Asked.Should().NotContain(reads);
    }

    [Fact]
    public void what_replacing_all_removes_is_shown_before_and_counted_after()
    {
        var dialog = ShowDialog().FindComponent<ImportAccountsDialog>();
        dialog.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText("account", "a.csv"));
        dialog.WaitForState(() => !dialog.Find("button.primary").HasAttribute("disabled"));
        dialog.FindAll("input[type=radio]")[1].Change("on");
        dialog.WaitForAssertion(() => dialog.Find(".dialog-actions button.danger").TextContent.Should().Be("Import and remove 2"));
        Asked.Should().Contain("POST services/s1/accounts/import?mode=preview&as=replace");
        dialog.Find(".notice-warn").TextContent.Should().Contain("2 accounts").And.Contain("zhaoliu").And.Contain("孙七");
        dialog.Find("#import-reason").Input("Left the company");
        dialog.Find("button.danger").Click();
        Services.GetRequiredService<Notices>().Current!.Text.Should().StartWith("Imported: 1 added, 0 updated, 0 unchanged, 2 removed");
    }

    [Fact]
    public void accounts_are_imported_into_the_form_of_a_service_that_is_being_added()
    {
        Navigation.NavigateTo("services/new/wecom");
        var page = Render<ServicesPage>(x => x.Add(y => y.NewType, "wecom"));
        page.WaitForState(() => page.FindAll("label").Any(x => x.TextContent.Contains("WeCom account", StringComparison.Ordinal)));
        page.FindAll("label").First(x => x.TextContent.Contains("WeCom account", StringComparison.Ordinal)).QuerySelector("input")!.Change(true);
        page.Find("[aria-label='Add a row: Accounts']").Click();
        page.Find("[aria-label='Add a row: Accounts']").Click();
        page.Find("[aria-label='Account 2']").Input("zhangsan");
        page.FindAll("button").First(x => x.TextContent == "Import").Click();
        var dialog = page.FindComponent<ImportAccountsDialog>();
        dialog.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText("account", "a.csv"));
        dialog.WaitForAssertion(() => dialog.Markup.Should().Contain("2 accounts, 1 skipped").And.Contain("The account is missing."));
        dialog.Find("button.primary").Click();
        page.HasComponent<ImportAccountsDialog>().Should().BeFalse();
        page.FindAll("[aria-label^='Account ']").Select(x => x.GetAttribute("value")).Should().Equal("zhangsan", "lisi");
        page.FindAll("[aria-label^='Name ']").Select(x => x.GetAttribute("value")).Should().Equal("张三", "李四");
        Asked.Should().NotContain(x => x.StartsWith("POST services?", StringComparison.Ordinal) || x == "POST services");
    }

    [Fact]
    public void a_file_that_is_too_large_is_refused_and_the_earlier_one_is_no_longer_meant()
    {
        var dialog = ShowDialog().FindComponent<ImportAccountsDialog>();
        dialog.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText("account", "a.csv"));
        dialog.WaitForState(() => !dialog.Find("button.primary").HasAttribute("disabled"));
        dialog.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromBinary(new byte[UploadedFile.MaxBytes + 1], "b.csv"));
        dialog.Markup.Should().Contain("The file is too large.");
        Asked.Clear();
        dialog.FindAll("input[type=radio]")[1].Change("on");
        Asked.Should().BeEmpty("the earlier file is not what was chosen last");
        dialog.Find("button.primary").HasAttribute("disabled").Should().BeTrue();
    }

    [Theory]
    [InlineData("Send test", "Renamed", true)]
    [InlineData("Send test", null, false)]
    [InlineData("Connection test", "Renamed", true)]
    [InlineData("Connection test", null, false)]
    public void a_test_says_that_it_uses_what_is_saved(string button, string? name, bool warns) =>
        ShowDialog(name, button).FindAll(".notice-warn").Count(x => x.TextContent.Contains("saved settings", StringComparison.Ordinal))
            .Should().Be(warns ? 1 : 0);

    [Fact]
    public void a_new_service_is_saved_before_it_is_tested()
    {
        Navigation.NavigateTo("services/new/wecom");
        var page = Render<ServicesPage>(x => x.Add(y => y.NewType, "wecom"));
        page.WaitForState(() => page.FindAll(".dialog-actions .start button").Count == 2);
        page.FindAll(".dialog-actions .start button").Should().OnlyContain(x => x.HasAttribute("disabled"));
        page.Find(".dialog-actions .start").TextContent.Should().Contain("Save first.");
    }

    [Fact]
    public void whoever_may_not_change_it_is_not_offered_its_tests()
    {
        Navigation.NavigateTo("services/s1");
        var page = Render<ServicesPage>(x => x.Add(y => y.Id, "s1").AddCascadingValue(new Me("u2", "Li Si", "li.si", [], [], [], null, false, 0, null)));
        page.WaitForState(() => Name(page).Length > 0);
        page.FindAll("button").Select(x => x.TextContent).Should().NotContain(["Import", "Connection test", "Send test", "OK"]);
    }

    [Fact]
    public void a_proposed_import_has_changed_nothing()
    {
        isProposal = true;
        var page = ShowDialog();
        Import(page).Should().StartWith("Proposed");
        Asked.Should().NotContain(reads);
    }
}
