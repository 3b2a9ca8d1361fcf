using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Npgsql;

namespace Notify.Kernel.Tests.Resources;

/// <summary>Whatever the comparison of tables finds can be read in Chinese.</summary>
public sealed class FoldedTableTextsTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private const string Mend = "处理办法：POST /api/v1/operation/rebuild {\"models\":[\"configuration\"]}。";

    private readonly ProblemTexts texts = fixture.Host.Services.GetRequiredService<ProblemTexts>();

    private sealed record Row(string Name, int A = 0, int B = 0, int C = 0, int D = 0, int E = 0, int F = 0);

    [Fact]
    public async Task each_difference_has_a_chinese_text()
    {
        await fixture.Host.ExecuteAsync(
            """
            create table notify.folded_text (id text, data jsonb);
            insert into notify.folded_text values
                ('a-none', '{}'), ('b-one', '{"name": "One (x) ''y''", "a": 7}'),
                ('c-many', '{"name": "Many", "a": 7, "b": 7, "c": 7, "d": 7, "e": 7, "f": 7}'),
                ('d-unreadable', '7'), ('f-event', '{}')
            """);
        foreach (var table in fixture.Host.Services.GetServices<FoldedTable>())
        {
            var noun = texts.Chinese(table.Noun);
            noun.Should().NotBe(table.Noun);
            var findings = await FindAsync(table with
            {
                Table = "folded_text",
                Row = typeof(Row),
                NameOf = row => ((Row)row).Name,
                FoldAsync = (_, unreadable, _) =>
                {
                    unreadable.Add("f-event");
                    return Task.FromResult(new Dictionary<string, object>(StringComparer.Ordinal)
                    {
                        ["b-one"] = new Row("One (x) 'y'"),
                        ["c-many"] = new Row("Many"),
                        ["d-unreadable"] = new Row("Odd"),
                        ["e-deleted"] = new Row("Gone"),
                    });
                },
            });
            var told = new[]
            {
                "“a-none”与其事件不一致：没有相应的事件", "“One (x) 'y'”（b-one）与其事件不一致：不同的字段：a",
                "“Many”（c-many）与其事件不一致：不同的字段：a, b, c, d, e 等，另有 1 个", "“Odd”（d-unreadable）与其事件不一致：该行无法读取",
                "“Gone”（e-deleted）与其事件不一致：在表中被删除",
            }.Select(x => $"表 notify.folded_text 中的{noun}{x}。其中之一在 Notify 之外被更改；Notify 以事件为准，只有列表显示该表的内容。{Mend}").ToList();
            told.Insert(4, $"无法核对表 notify.folded_text 中的{noun}“f-event”：其某个事件无法读取，在 Notify 之外被更改。重建时保留该行不变。处理办法：从备份恢复该事件。");
            findings.Should().Equal(told);
        }
    }

    [Fact]
    public async Task so_has_a_number_of_the_configuration_that_was_lowered()
    {
        await fixture.Host.PostAsync("messages", HostFixture.Message());
        await fixture.Host.ExecuteAsync("update notify.configuration_stamp set version = -version");

        (await FindAsync()).Should().ContainSingle().Which.Should().MatchRegex(
            @"^表 notify\.configuration_stamp 中的配置编号为 -\d+，而事件中的编号已到 \d+：该编号在 Notify 之外被改小。").And.EndWith($"也可能有误。{Mend}");

        await fixture.Host.ExecuteAsync("update notify.configuration_stamp set version = -version");
    }

    [Fact]
    public void each_check_of_the_history_has_a_chinese_name() =>
        fixture.Host.Services.GetServices<IHistoryCheck>().Select(x => x.Name).Where(x => texts.Chinese(x) == x).Should().BeEmpty();

    private async Task<List<string>> FindAsync(params FoldedTable[] tables)
    {
        await using var connection = await fixture.Host.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        var findings = await new FoldedTables(tables, fixture.Host.Services.GetServices<ConfiguredKind>()).CheckAsync(connection, default);
        return [.. findings.Select(x => texts.Chinese(x.Explanation))];
    }
}
