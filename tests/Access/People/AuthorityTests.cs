using Notify.Access.People;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Access.Tests.People;

/// <summary>What follows from people, groups and roles, and what nobody may do with them; without a database.</summary>
public sealed class AuthorityTests
{
    private static readonly Role keeper = new()
    {
        Id = "role-keeper",
        Name = "keeper",
        NameKey = "KEEPER",
        Enabled = true,
        Settings = new() { Permissions = ["people.read", "people.manage"] },
    };

    private static User Person(
        string id, SignInMethod signIn = SignInMethod.Password, bool enabled = true, string[]? paths = null, params string[] roles) => new()
        {
            Id = id,
            Name = id,
            NameKey = Names.KeyOf(id),
            Enabled = enabled,
            Settings = new UserSettings { UserName = id, SignIn = signIn, Roles = [.. roles.Select(x => $"role-{x}")], Paths = paths ?? [] },
        };

    private static Group Of(string[] members, bool enabled = true, params string[] roles) => new()
    {
        Id = "group-1",
        Name = "1",
        Enabled = enabled,
        Settings = new GroupSettings { Members = members, Roles = [.. roles.Select(x => $"role-{x}")] },
    };

    private static PeopleSnapshot All(params object[] all) =>
        new([.. all.OfType<User>()], [.. all.OfType<Group>()], [.. all.OfType<Role>()], [.. all.OfType<ApiKey>()]);

    [Fact]
    public void a_person_has_the_permissions_of_their_roles_and_of_their_enabled_groups()
    {
        var person = Person("li", roles: "intake");
        All(person, Of(["li"], roles: "keeper"), keeper).PermissionsOf(person).Select(x => x.Name)
            .Should().BeEquivalentTo("alarms.report", "people.read", "people.manage");
        All(person, Of(["li"], enabled: false, roles: "keeper"), keeper).PermissionsOf(person).Select(x => x.Name).Should().Equal("alarms.report");
        All(person, Of(["wang"], roles: "keeper"), keeper).PermissionsOf(person).Select(x => x.Name).Should().Equal("alarms.report");
    }

    [Fact]
    public void who_is_disabled_or_has_a_role_that_is_gone_or_disabled_has_nothing_by_it()
    {
        All(keeper).PermissionsOf(Person("li", enabled: false, roles: "administrator")).Should().BeEmpty();
        All().PermissionsOf(Person("li", roles: "keeper")).Should().BeEmpty();
        var off = new Role { Id = keeper.Id, Name = keeper.Name, Enabled = false, Settings = keeper.Settings };
        All(off).PermissionsOf(Person("li", roles: "keeper")).Should().BeEmpty();
    }

    [Fact]
    public void a_user_name_is_found_whatever_its_case() =>
        All(Person("Zhang.San")).FindUserNamed("zhang.SAN")!.Id.Should().Be("Zhang.San");

    [Fact]
    public void the_principal_says_who_it_is_how_they_came_in_and_what_they_may()
    {
        var person = Person("li", paths: ["Site1/**"], roles: "intake");
        var principal = All(person).PrincipalOf(person, "password", "session-1");
        principal.Actor().Should().Be(new Actor("li", "li", "user"));
        principal.Has(Permission.AlarmsReport).Should().BeTrue();
        principal.Has(Permission.AlarmsRead).Should().BeFalse();
        principal.Claims.Select(x => (x.Type, x.Value)).Should()
            .Contain((RequestAudit.AuthenticationClaim, "password"))
            .And.Contain((RequestAudit.SessionClaim, "session-1")).And.Contain((RequestAudit.PathClaim, "Site1/**"));
    }

    [Fact]
    public void nobody_gives_or_takes_what_they_do_not_have()
    {
        var people = All(Person("keeper", roles: "keeper"), keeper);
        var own = people.AuthorityOf(new Actor("keeper", "keeper", "user"));
        own.Invoking(x => x.Check([Permission.PeopleRead])).Should().NotThrow();
        own.Invoking(x => x.Check([Permission.PeopleRead, Permission.AlarmsRead])).Should().Throw<ProblemException>()
            .Which.Should().Match<ProblemException>(x => x.Status == 403 && x.Detail!.EndsWith(": alarms.read."));
        people.AuthorityOf(new Actor("user-gone", "x", "user")).Invoking(x => x.Check([Permission.PeopleRead])).Should().Throw<ProblemException>();
        people.AuthorityOf(Actor.System).Invoking(x => x.Check(Permission.All)).Should().NotThrow();
    }

    [Theory]
    [InlineData("Site1/Line1/**", true)]
    [InlineData("Site1/**", true)]
    [InlineData("Site2/**", false)]
    [InlineData("**", false)]
    [InlineData(null, false)]
    public void who_is_limited_to_paths_gives_only_paths_below_them(string? path, bool may)
    {
        var own = new Authority(Permission.All.ToHashSet(), ["Site1/**"]);
        string[] given = path is null ? [] : [path];
        var check = () => own.Check([], given);
        if (may) check.Should().NotThrow();
        else check.Should().Throw<ProblemException>().Which.Status.Should().Be(403);
    }

    [Fact]
    public void the_last_administrator_who_can_sign_in_stays()
    {
        var (last, other) = (Person("admin", roles: "administrator"), Person("li", roles: "viewer"));
        foreach (var after in (PeopleSnapshot[])
        [
            All(other), All(Person("admin", enabled: false, roles: "administrator"), other), All(Person("admin", roles: "engineer"), other),
            All(Person("admin", SignInMethod.None, roles: "administrator"), other),
            All(Person("admin", paths: ["Site1/**"], roles: "administrator"), other),
        ])
        {
            var check = () => Authority.CheckAdministratorLeft(All(last, other), after);
            check.Should().Throw<ProblemException>().Which.Status.Should().Be(409);
        }

        Authority.CheckAdministratorLeft(All(last, other), All(other, Person("wang", roles: "administrator")));
        Authority.CheckAdministratorLeft(All(last, other), All(last));
        // With none before there is none to keep: the bootstrap key makes the first.
        Authority.CheckAdministratorLeft(All(), All(other));
    }

    [Fact]
    public void of_separated_administrators_the_last_who_manages_people_stays()
    {
        var (last, other) = (Person("li", roles: "security-administrator"), Person("wang", roles: "system-administrator"));
        PeopleSnapshot Separated(params User[] users) => new(users, [], [], [], isSeparated: true);
        var check = () => Authority.CheckAdministratorLeft(Separated(last, other), Separated(other));
        check.Should().Throw<ProblemException>().Which.Status.Should().Be(409);
        Authority.CheckAdministratorLeft(Separated(last, other), Separated(last));
        Authority.CheckAdministratorLeft(Separated(last, other), Separated(other, Person("boss", roles: "administrator")));
    }
}
