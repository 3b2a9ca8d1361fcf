using Notify.Host;

namespace Notify.Architecture.Tests;

/// <summary>Wolverine passes over a handler that does not look as it expects, without a word.</summary>
public sealed class HandlerTests
{
    public static TheoryData<string> ModuleNames => Solution.ModuleNames();

    [Theory]
    [MemberData(nameof(ModuleNames))]
    public void handlers_are_public(string module) =>
        Handlers.In(Solution.Module(module)).Where(x => !x.Type.IsVisible || !x.Method.IsPublic).Select(x => $"{x.Type.FullName}.{x.Method.Name}")
            .Should().BeEmpty("Wolverine does not see a handler that is not public: make class and method public");

    [Theory]
    [MemberData(nameof(ModuleNames))]
    public void what_takes_a_message_is_called_a_handler(string module) =>
        (from type in Solution.Module(module).GetTypes()
         where !type.Name.EndsWith("Handler", StringComparison.Ordinal)
         from method in Handlers.Of(type)
         where method.Message.Assembly == Solution.Contracts
         select $"{type.FullName}.{method.Method.Name}").Should().BeEmpty("Wolverine finds handlers by their name: let the class's end in Handler");

    [Fact]
    public void every_message_is_handled_somewhere_once()
    {
        var handled = Modules.All.SelectMany(Handlers.In).Where(x => x.Message.Assembly == Solution.Contracts).ToList();
        handled.Should().NotBeEmpty();
        handled.GroupBy(x => (x.Type.Assembly, x.Message)).Where(x => x.Count() > 1).Select(x => x.Key).Should().BeEmpty(
            "one module does one thing with a message: let the second handler be called by the first");
    }
}
