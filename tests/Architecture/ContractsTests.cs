using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Notify.Contracts;
using Notify.Host;
using Notify.Kernel.Texts;
using Wolverine.Attributes;

namespace Notify.Architecture.Tests;

/// <summary>What crosses between modules is plain data with a name of its own.</summary>
public sealed partial class ContractsTests
{
    private static readonly Type[] types = [.. Solution.Contracts.GetExportedTypes()];

    [Fact]
    public void contracts_use_nothing_of_notify_but_its_type_for_a_text_in_two_languages()
    {
        const string Fix = "contracts are what modules agree on: give the message fields of its own instead of a module's types";
        Solution.Contracts.GetReferencedAssemblies().Select(x => x.Name!).Where(x => x.StartsWith("Notify.", StringComparison.Ordinal)).Should()
            .BeSubsetOf(["Notify.Kernel"], Fix);
        types.SelectMany(Parts).Where(x => x.Assembly == Solution.Kernel).Distinct().Should().BeSubsetOf([typeof(BilingualText)], Fix);
    }

    [Fact]
    public void contracts_are_records_and_enums() =>
        types.Where(x => !x.IsEnum && x.GetMethod("<Clone>$") is null).Should()
            .BeEmpty("a contract is a record or an enum: make it one, or move it to the module that owns it");

    [Fact]
    public void contracts_have_no_behaviour() =>
        (from type in types
         where !type.IsEnum && type != typeof(BusMessage)
         from method in type.GetMethods(
             BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
         where method.GetCustomAttribute<CompilerGeneratedAttribute>() is null
         select $"{type.Name}.{method.Name}").Should()
             .BeEmpty("what a message means is its receiver's business: move the code into the module that needs it");

    [Fact]
    public void every_message_has_an_identity_of_its_own()
    {
        var identities = Messages().Select(x => (Type: x, Identity: x.GetCustomAttribute<MessageIdentityAttribute>()?.Alias)).ToList();
        identities.Where(x => x.Identity is null).Should()
            .BeEmpty("stored messages are found by their identity when a class was renamed: add [MessageIdentity(\"notify.owner.what-happened.v1\")]");
        identities.Where(x => x.Identity is not null && !Form().IsMatch(x.Identity)).Should()
            .BeEmpty("an identity has the form notify.owner.what-happened.v1");
        identities.Select(x => x.Identity).Should().OnlyHaveUniqueItems("two messages with one identity cannot be told apart in the store");
    }

    [Fact]
    public void every_message_is_in_the_table_of_the_architecture()
    {
        var text = File.ReadAllText(Path.Combine(Solution.Root, "docs/architecture.md"));
        // A row gives the first name in full and the others behind it without their module: …services-described.v1
        Messages().Select(x => x.GetCustomAttribute<MessageIdentityAttribute>()!.Alias!)
            .Where(x => !text.Contains($"`{x}`", StringComparison.Ordinal) && !text.Contains($"`…{x.Split('.', 3)[2]}`", StringComparison.Ordinal))
            .Should().BeEmpty("docs/architecture.md says who asks whom: add the message to its table");
    }

    [Fact]
    public void every_message_keeps_its_content_out_of_logs() =>
        Messages().Where(x => !x.IsSubclassOf(typeof(BusMessage))).Should().BeEmpty(
            "the message library logs a message that fails, in the words of its ToString: derive the message from BusMessage, which says its name only");

    [Fact]
    public void modules_handle_messages_of_contracts_only() =>
        (from module in Modules.All
         from handler in Handlers.In(module)
         where handler.Message.Assembly != Solution.Contracts && handler.Message.Assembly != module
         select $"{handler.Type.FullName} handles {handler.Message.FullName}").Should()
             .BeEmpty("a message between modules lives in src/Modules/Contracts: move it there");

    /// <summary>What is sent by itself: what handlers take and return, and every contract that is not a part of another.</summary>
    private static IEnumerable<Type> Messages()
    {
        var parts = types.SelectMany(Parts).ToHashSet();
        return types.Where(x => !x.IsEnum && x != typeof(BusMessage) && !parts.Contains(x))
            .Union(Modules.All.SelectMany(Handlers.In).Select(x => x.Message).Where(x => x.Assembly == Solution.Contracts));
    }

    private static IEnumerable<Type> Parts(Type type) =>
        type.GetProperties().SelectMany(x => (Type[])[x.PropertyType, .. x.PropertyType.GetGenericArguments()]);

    [GeneratedRegex(@"^notify\.[a-z]+\.[a-z]+(-[a-z]+)*\.v[1-9][0-9]*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Form();
}
